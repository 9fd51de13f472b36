using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.BackupAgent.Freezing;

/// <summary>The database of one side of an upgrade with its fence.</summary>
internal sealed class FrozenDatabase
{
    private readonly UpgradeSpec _spec;

    public FrozenDatabase(IStepCommand command, ClusterSide side, TimeProvider clock)
    {
        _spec = command.Spec;
        Side = side;
        Database = new KongDatabase((side == ClusterSide.X ? _spec.From : _spec.To).Database, SecretReference.Resolve);
        Fence = new WriteFence(FenceOptions.Of(command.Step.UpgradeId, Database.Spec, _spec.Freeze), clock);
    }

    public ClusterSide Side { get; }

    public KongDatabase Database { get; }

    public WriteFence Fence { get; }

    /// <summary>Fingerprint of what the fence protects.</summary>
    public Task<ConfigurationFingerprint> FingerprintAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ConfigurationFingerprinter.TakeAsync(connection, Database.Schema, FingerprintScope.Of(_spec.Freeze), cancellationToken);

    /// <summary>Fails unless the configuration is still what was expected.</summary>
    public async Task EnsureUnchangedAsync(NpgsqlConnection connection, ConfigurationFingerprint expected, CancellationToken cancellationToken)
    {
        var drifted = ConfigurationFingerprinter.Compare(expected, await FingerprintAsync(connection, cancellationToken));
        if (drifted.Count > 0)
        {
            throw FreezeFailures.Drifted(Side, drifted);
        }
    }
}

using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Which fence is meant, and how patient its changes are.</summary>
public sealed record FenceOptions
{
    /// <summary>The upgrade that owns the fence; stamped into the database.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Schema of Kong's tables. Default <c>public</c>.</summary>
    public string Schema { get; init; } = "public";

    /// <summary>Decides about unknown tables, ACME and <see cref="FreezeSpec.LockTimeout"/>.</summary>
    public FreezeSpec Freeze { get; init; } = new();

    /// <summary>How long locks are tried for altogether, with pauses between the tries. Default 30 seconds.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The fence of one upgrade in one of its databases; patient for <see cref="FreezeSpec.DrainTimeout"/>.</summary>
    /// <param name="upgradeId">The upgrade.</param>
    /// <param name="database">Database of cluster X or Y.</param>
    /// <param name="freeze">How configuration writes are stopped.</param>
    public static FenceOptions Of(Guid upgradeId, DatabaseSpec database, FreezeSpec freeze) =>
        new() { UpgradeId = upgradeId, Schema = database.Schema, Freeze = freeze, Patience = freeze.DrainTimeout };
}

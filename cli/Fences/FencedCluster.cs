using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.Cli.Fences;

/// <summary>One cluster's database and its fence, reached from this host: neither coordinator nor broker nor agent is asked.</summary>
internal sealed class FencedCluster(UpgradeSpec spec, ClusterSide side, TimeProvider clock)
{
    private readonly KongDatabase _database = new((side == ClusterSide.X ? spec.From : spec.To).Database, SecretReference.Resolve);

    /// <summary>Looks, and changes nothing. A database that cannot be asked is a report as well, so that it does not hide the other.</summary>
    public async Task<FenceReport> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await ExistsAsync(cancellationToken))
            {
                return new FenceReport { Side = side, Database = _database.ToString(), State = FenceState.NoDatabase };
            }

            await using var connection = await _database.OpenAdminAsync(cancellationToken);
            return FenceReport.Of(side, _database.ToString(), await Fence(Guid.Empty).VerifyAsync(connection, cancellationToken));
        }
        catch (StepFailedException exception)
        {
            return new FenceReport { Side = side, Database = _database.ToString(), State = FenceState.Unknown, Failure = exception.Failure };
        }
    }

    /// <summary>Removes the fence of one upgrade, also one without a stamp; with <paramref name="whosever"/> any.</summary>
    /// <exception cref="StepFailedException">It could not be removed, or not completely.</exception>
    public async Task<FenceLift> LiftAsync(Guid upgradeId, bool whosever, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenAdminAsync(cancellationToken);
        if (side == ClusterSide.Y)
        {
            await EnsureNotClusterXAsync(connection, cancellationToken);
        }

        try
        {
            var fence = Fence(upgradeId);
            return whosever ? await fence.LiftWhoseverAsync(connection, cancellationToken) : await fence.LiftAsync(connection, cancellationToken);
        }
        catch (StepFailedException exception) when (exception.Failure.Code is FailureCodes.LockTimeout or FailureCodes.WritersNotDrained)
        {
            const string remedy = "Run the same command again. Writes are let through before anything is removed; kum fence status shows whether that was reached.";
            throw new StepFailedException(exception.Failure with { Remedy = remedy }, exception);
        }
    }

    // Cluster Y's database need not exist yet; cluster X's must, and connecting says best what is wrong with it.
    private async Task<bool> ExistsAsync(CancellationToken cancellationToken) => side == ClusterSide.X || await _database.ExistsAsync(cancellationToken);

    // "Y" that leads to X's database would open X. When X does not answer, what answers as Y is not X.
    private async Task EnsureNotClusterXAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        DatabaseIdentity x;
        try
        {
            await using var other = await new KongDatabase(spec.From.Database, SecretReference.Resolve).OpenAdminAsync(cancellationToken);
            x = await DatabaseIdentity.ReadAsync(other, cancellationToken);
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.DatabaseUnreachable)
        {
            return;
        }

        DatabaseIdentity.EnsureDistinct(x, await DatabaseIdentity.ReadAsync(connection, cancellationToken));
    }

    private WriteFence Fence(Guid upgradeId) => new(FenceOptions.Of(upgradeId, _database.Spec, spec.Freeze), clock);
}

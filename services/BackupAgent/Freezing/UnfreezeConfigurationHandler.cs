using KongUpgradeMesh.BackupAgent.Journaling;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Databases;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace KongUpgradeMesh.BackupAgent.Freezing;

/// <summary>Removes the fence from the named clusters. A side that cannot be reached does not keep the other one frozen.</summary>
public sealed class UnfreezeConfigurationHandler(JournalKeeper journals, TimeProvider clock, ILogger<UnfreezeConfigurationHandler> logger) : IStepHandler<UnfreezeConfiguration>
{
    private static readonly TimeSpan DriftLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan CopyLimit = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async Task<IStepEvent> RunAsync(StepContext<UnfreezeConfiguration> context, CancellationToken cancellationToken)
    {
        var command = context.Command;
        long refused = 0;
        var drifted = 0;
        DateTimeOffset? journalUntil = null;
        StepFailedException? failed = null;
        foreach (var side in command.Sides.Distinct().Order())
        {
            try
            {
                await context.ReportAsync($"lifting the fence of cluster {side}", null, cancellationToken);
                if (side == ClusterSide.Y && command.JournalY)
                {
                    // Before the fence goes, so that not even the first write is missed.
                    journalUntil = await JournalAsync(command, cancellationToken);
                }

                var (lift, drift) = await UnfreezeAsync(command, side, cancellationToken);
                if (side == ClusterSide.X)
                {
                    (refused, drifted) = (lift.RefusedWrites, drift);
                }
            }
            catch (StepFailedException exception)
            {
                failed ??= exception;
            }
        }

        await DropCopyAsync(command, cancellationToken);
        return failed is not null ? throw failed : new ConfigurationUnfrozen
        {
            Step = context.Step,
            Agent = context.Agent,
            Sides = command.Sides,
            RefusedWrites = refused,
            DriftedTables = drifted,
            JournalUntil = journalUntil,
        };
    }

    // A run that ended before its deployment leaves the copy that proved its backup; never worth a fence that stays up.
    private async Task DropCopyAsync(UnfreezeConfiguration command, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(CopyLimit, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await ScratchDatabase.DropAsync(new KongDatabase(command.Spec.To.Database, SecretReference.Resolve), command.Step.UpgradeId, linked.Token);
        }
        catch (Exception exception) when (exception is StepFailedException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            logger.CopyLeft(command.Step.UpgradeId, exception);
        }
    }

    private async Task<(FenceLift Lift, int Drift)> UnfreezeAsync(UnfreezeConfiguration command, ClusterSide side, CancellationToken cancellationToken)
    {
        var frozen = new FrozenDatabase(command, side, clock);
        if (side == ClusterSide.Y && !await frozen.Database.ExistsAsync(cancellationToken))
        {
            return (new FenceLift(false, null, 0), 0);
        }

        await using var connection = await frozen.Database.OpenAdminAsync(cancellationToken);
        if (side == ClusterSide.Y && !command.Sides.Contains(ClusterSide.X))
        {
            await EnsureNotClusterXAsync(command, connection, cancellationToken);
        }

        var drift = side == ClusterSide.X ? await DriftAsync(frozen, command.Step.UpgradeId, cancellationToken) : 0;
        var lift = await frozen.Fence.LiftAsync(connection, cancellationToken);
        if (lift.Owner is { } owner)
        {
            logger.ForeignFenceLeft(command.Step.UpgradeId, frozen.Database.ToString(), owner);
        }
        else
        {
            logger.FenceLifted(command.Step.UpgradeId, frozen.Database.ToString(), lift.RefusedWrites, lift.Found);
        }

        return (lift, drift);
    }

    // Worth having, but never a reason to keep cluster Y frozen.
    private async Task<DateTimeOffset?> JournalAsync(UnfreezeConfiguration command, CancellationToken cancellationToken)
    {
        var y = new FrozenDatabase(command, ClusterSide.Y, clock).Database;
        try
        {
            await using (var connection = await y.OpenAdminAsync(cancellationToken))
            {
                await EnsureNotClusterXAsync(command, connection, cancellationToken);
            }

            return await journals.BeginAsync(command.Step.UpgradeId, y.Spec, command.Spec.Freeze, cancellationToken);
        }
        catch (Exception exception) when (exception is StepFailedException or IOException or UnauthorizedAccessException)
        {
            logger.JournalNotInstalled(command.Step.UpgradeId, y.ToString(), exception);
            return null;
        }
    }

    // "Y" that leads to X's database would open X. When X is gone (decommissioned), what answers as Y is not X.
    private async Task EnsureNotClusterXAsync(UnfreezeConfiguration command, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        DatabaseIdentity x;
        try
        {
            await using var other = await new FrozenDatabase(command, ClusterSide.X, clock).Database.OpenAdminAsync(cancellationToken);
            x = await DatabaseIdentity.ReadAsync(other, cancellationToken);
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.DatabaseUnreachable)
        {
            return;
        }

        DatabaseIdentity.EnsureDistinct(x, await DatabaseIdentity.ReadAsync(connection, cancellationToken));
    }

    // Knowing about drift is worth a few seconds, but never a fence that stays up: hence also a connection of its own.
    private async Task<int> DriftAsync(FrozenDatabase frozen, Guid upgradeId, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(DriftLimit, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await using var connection = await frozen.Database.OpenAdminAsync(linked.Token);
            return await frozen.Fence.RecallAsync(connection, linked.Token) is { } kept
                ? ConfigurationFingerprinter.Compare(kept, await frozen.FingerprintAsync(connection, linked.Token)).Count
                : 0;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.DriftUnknown(upgradeId, frozen.Database.ToString(), exception);
            return 0;
        }
    }
}

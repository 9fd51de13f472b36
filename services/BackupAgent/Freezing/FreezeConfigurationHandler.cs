using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Databases;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace KongUpgradeMesh.BackupAgent.Freezing;

/// <summary>Fences cluster X's configuration, waits for open writers and takes the fingerprint that everything later is held against, first of all the backup's own snapshot.</summary>
public sealed class FreezeConfigurationHandler(NodePropagation propagation, TimeProvider clock, ILogger<FreezeConfigurationHandler> logger) : IStepHandler<FreezeConfiguration>
{
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public async Task<IStepEvent> RunAsync(StepContext<FreezeConfiguration> context, CancellationToken cancellationToken)
    {
        var spec = context.Command.Spec;
        var x = new FrozenDatabase(context.Command, ClusterSide.X, clock);
        await context.ReportAsync("fencing configuration tables", null, cancellationToken);
        await using var connection = await x.Database.OpenAdminAsync(cancellationToken);
        var tables = await KongTables.ClassifyAsync(connection, x.Database.Schema, cancellationToken);
        if (spec.Freeze.UnknownTables == UnknownTableChoice.Refuse && tables.Unknown.Count > 0)
        {
            throw FreezeFailures.UnknownTables(tables.Unknown);
        }

        var status = await x.Fence.InstallAsync(connection, cancellationToken);
        await context.ReportAsync("waiting for open writers", null, cancellationToken);
        await DrainAsync(x.Fence, connection, spec.Freeze.DrainTimeout, cancellationToken);
        logger.ConfigurationFenced(context.Step.UpgradeId, status.TablesFenced, x.Database.ToString());

        await context.ReportAsync("fingerprinting", 0.5, cancellationToken);
        var fingerprint = await x.FingerprintAsync(connection, cancellationToken);
        await x.Fence.RememberAsync(connection, fingerprint, cancellationToken);
        await context.ReportAsync("waiting until every node serves what is frozen", 0.9, cancellationToken);
        await propagation.WaitAsync(context.Step.UpgradeId, spec.From.Nodes, connection, x.Database.Schema, cancellationToken);
        await x.Fence.RequireAsync(connection, cancellationToken);
        return new ConfigurationFrozen
        {
            Step = context.Step,
            Agent = context.Agent,
            Fingerprint = fingerprint,
            FencedTables = status.TablesFenced,
            UnknownTables = tables.Unknown,
        };
    }

    // The locks taken for the fence have drained ordinary writers already; this looks for what locks alone do not show.
    private async Task DrainAsync(WriteFence fence, NpgsqlConnection connection, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (await fence.OlderWritersAsync(connection, cancellationToken) is { Count: > 0 } writers)
        {
            if (clock.GetElapsedTime(started) > limit)
            {
                throw FreezeFailures.NotDrained(limit, writers);
            }

            await Task.Delay(DrainPoll, clock, cancellationToken);
        }
    }
}

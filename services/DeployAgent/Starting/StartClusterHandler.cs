using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.DeployAgent.Migrating;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Programs;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.DeployAgent.Starting;

/// <summary>Starts cluster Y on its migrated copy, makes it measurable, and freezes it.</summary>
internal sealed class StartClusterHandler(
    DeploymentDrivers drivers, MetricsSwitch metrics, MetricsProof proof, IProgramRunner programs, IOptions<DeployOptions> options, TimeProvider clock) : IStepHandler<StartCluster>
{
    public async Task<IStepEvent> RunAsync(StepContext<StartCluster> context, CancellationToken cancellationToken)
    {
        var spec = context.Command.Spec;
        var databases = new ClusterDatabases(spec);
        await databases.EnsureDistinctAsync(cancellationToken);
        await new TargetDatabase(databases, context.Step.UpgradeId).EnsureOwnAsync(cancellationToken);
        await EnsureMigratedAsync(spec, cancellationToken);
        var driver = drivers.For(spec.To);
        foreach (var (index, node) in spec.To.Nodes.Index())
        {
            await context.ReportAsync($"starting node {node.Name}", index / (double)spec.To.Nodes.Count, cancellationToken);
            await driver.StartAsync(spec.To, node, context.Step, cancellationToken);
        }

        var fence = new WriteFence(FenceOptions.Of(context.Step.UpgradeId, spec.To.Database, spec.Freeze), clock);
        await using var connection = await databases.Y.OpenAdminAsync(cancellationToken);
        await SwitchMetricsOnAsync(context, databases, fence, connection, cancellationToken);
        await context.ReportAsync("freezing cluster Y", 0.9, cancellationToken);
        await fence.InstallAsync(connection, cancellationToken);
        var fingerprint = await ConfigurationFingerprinter.TakeAsync(connection, databases.Y.Schema, FingerprintScope.Of(spec.Freeze), cancellationToken);
        await fence.RememberAsync(connection, fingerprint, cancellationToken);
        return new ClusterStarted
        {
            Step = context.Step,
            Agent = context.Agent,
            Nodes = [.. spec.To.Nodes.Select(static n => n.Name)],
            Fingerprint = fingerprint,
        };
    }

    private async Task SwitchMetricsOnAsync(
        StepContext<StartCluster> context, ClusterDatabases databases, WriteFence fence, Npgsql.NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var cluster = context.Command.Spec.To;
        var off = await metrics.OffAsync(cluster, cancellationToken);
        if (off.Count == 0)
        {
            return;
        }

        await context.ReportAsync("switching metrics on", 0.8, cancellationToken);

        // An earlier try may have put the fence up already; it would refuse this change.
        await fence.LiftAsync(connection, cancellationToken);
        await metrics.TurnOnAsync(cluster, off, cancellationToken);
        var blind = await proof.BlindNodesAsync(cluster, await KongEntityReader.ReadAsync(databases.Y, cancellationToken), cancellationToken);
        if (blind.Count > 0)
        {
            await context.ReportAsync($"no request count seen yet on {string.Join(", ", blind)}; the monitor decides", 0.85, cancellationToken);
        }
    }

    // Kong only warns about unfinished migrations and serves all the same.
    private async Task EnsureMigratedAsync(UpgradeSpec spec, CancellationToken cancellationToken)
    {
        using var migrations = await KongMigrations.PrepareAsync(spec, programs, options.Value.WorkDirectory, cancellationToken);
        var (state, listed) = await migrations.ListAsync(cancellationToken);
        if (state != MigrationState.Done)
        {
            throw new StepFailedException(new Failure
            {
                Code = FailureCodes.MigrationFailed,
                Message = "Cluster Y's database is not migrated completely, so its nodes are not started.",
                Remedy = "kum retry runs the migrations again.",
                Details = migrations.Tail(listed),
            });
        }
    }
}

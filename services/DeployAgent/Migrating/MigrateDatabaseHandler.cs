using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.DeployAgent.Starting;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Programs;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.DeployAgent.Migrating;

/// <summary>Brings the copy to version Y's schema, from whatever state an earlier try left it in.</summary>
internal sealed class MigrateDatabaseHandler(IProgramRunner programs, DeploymentDrivers drivers, IOptions<DeployOptions> options, TimeProvider clock)
    : IStepHandler<MigrateDatabase>
{
    // up, finish, and room for another process that holds Kong's migration lock.
    private const int Rounds = 6;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public async Task<IStepEvent> RunAsync(StepContext<MigrateDatabase> context, CancellationToken cancellationToken)
    {
        var spec = context.Command.Spec;
        var databases = new ClusterDatabases(spec);
        await databases.EnsureDistinctAsync(cancellationToken);
        await new TargetDatabase(databases, context.Step.UpgradeId).EnsureOwnAsync(cancellationToken);
        using var migrations = await KongMigrations.PrepareAsync(spec, programs, options.Value.WorkDirectory, cancellationToken);
        var done = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            var (state, listed) = await migrations.ListAsync(cancellationToken);
            if (state == MigrationState.Done)
            {
                return new DatabaseMigrated
                {
                    Step = context.Step,
                    Agent = context.Agent,
                    Summary = done.Count == 0 ? "nothing was left to do" : string.Join(", ", done),
                };
            }

            if (state is MigrationState.NeedsBootstrap or MigrationState.Unknown)
            {
                throw Failed($"kong migrations list answered with exit code {listed.ExitCode}", migrations.Tail(listed));
            }

            await EnsureNoNodeRunsAsync(spec, cancellationToken);
            var action = state == MigrationState.NeedsUp ? "up" : "finish";
            await context.ReportAsync($"kong migrations {action}", round / (double)Rounds, cancellationToken);
            var result = state == MigrationState.NeedsUp
                ? await migrations.UpAsync(options.Value.MigrationTimeout, cancellationToken)
                : await migrations.FinishAsync(options.Value.MigrationTimeout, cancellationToken);
            if (result.Succeeded)
            {
                done.Add($"{action} in {result.Duration.TotalSeconds:0.0} s");
            }
            else if (round == Rounds - 1)
            {
                throw Failed($"kong migrations {action} failed", migrations.Tail(result));
            }
            else
            {
                // Another process may have been faster; the next listing tells. A repeat of a failed run is safe.
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }

        var (_, last) = await migrations.ListAsync(cancellationToken);
        throw Failed("migrations were run but are still not complete", migrations.Tail(last));
    }

    // A running node never looks at the schema again; altering it below one is what the procedure exists to avoid.
    private async Task EnsureNoNodeRunsAsync(UpgradeSpec spec, CancellationToken cancellationToken)
    {
        foreach (var node in spec.To.Nodes)
        {
            if (await drivers.For(spec.To).IsRunningAsync(spec.To, node, cancellationToken))
            {
                throw Failed($"node {node.Name} of cluster Y is running on the database that is to be migrated", []);
            }
        }
    }

    private static StepFailedException Failed(string what, IReadOnlyList<string> details) => new(new Failure
    {
        Code = FailureCodes.MigrationFailed,
        Message = $"The copied database could not be migrated: {what}.",
        Remedy = "Cluster X is untouched. Read the output below, correct the cause and: kum retry; the copy is made anew.",
        Details = details,
    });
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.Hosting.Agents;

namespace KongUpgradeMesh.DeployAgent.Staging;

/// <summary>Holds cluster Y against cluster X, request by request, before it gets traffic.</summary>
internal sealed class RunStagingTestsHandler(StagingRunner runner) : IStepHandler<RunStagingTests>
{
    private const int MostDetails = 100;

    public async Task<IStepEvent> RunAsync(StepContext<RunStagingTests> context, CancellationToken cancellationToken)
    {
        var spec = context.Command.Spec;
        await context.ReportAsync("making tests from the configuration", 0, cancellationToken);

        // Cluster X's configuration says what has to work; cluster Y's copy is what is on trial.
        var entities = spec.Staging.Generated ? await KongEntityReader.ReadAsync(new ClusterDatabases(spec).X, cancellationToken) : new KongEntities();
        await context.ReportAsync("testing cluster Y", 0.1, cancellationToken);
        var (tests, failures, skipped) = await runner.RunAsync(spec, entities, cancellationToken);
        if (failures.Count > 0)
        {
            throw Failed(
                $"{failures.Count} of {tests} staging tests failed.",
                "Cluster X serves unharmed. Look at each difference; correct cluster X's configuration or the checks, then: kum retry.",
                [.. failures.Take(MostDetails)]);
        }

        if (tests == 0)
        {
            throw Failed(
                "No staging test could be made, so nothing is known of cluster Y.",
                "Write checks of your own in spec.staging.checks; then start again.",
                [.. skipped.Take(MostDetails)]);
        }

        return new StagingPassed { Step = context.Step, Agent = context.Agent, Tests = tests, Skipped = skipped };
    }

    private static StepFailedException Failed(string message, string remedy, IReadOnlyList<string> details) =>
        new(new Failure { Code = FailureCodes.StagingFailed, Message = message, Remedy = remedy, Details = details });
}

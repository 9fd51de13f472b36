using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Configuration;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Assessment;

/// <summary>Evaluates the breaking changes on what cluster X really has configured. Reads only.</summary>
internal sealed class AssessUpgradeHandler(TimeProvider clock) : IStepHandler<AssessUpgrade>
{
    public async Task<IStepEvent> RunAsync(StepContext<AssessUpgrade> context, CancellationToken cancellationToken)
    {
        var spec = context.Command.Spec;
        await context.ReportAsync("reading the configuration of cluster X", null, cancellationToken);
        var cluster = await ReadAsync(spec, cancellationToken);
        var assessment = UpgradeAssessment.Of(cluster);
        var blockers = assessment.Blockers.ToList();
        return blockers.Count > 0 && spec.Override is not { Blockers: true }
            ? throw Blocked(blockers)
            : new UpgradeAssessed
            {
                Step = context.Step,
                Agent = context.Agent,
                Findings = assessment.Findings,
                Counters = CounterSurvey.Take(cluster.Entities, spec),
                RulesEvaluated = assessment.RulesEvaluated,
            };
    }

    private async Task<AssessedCluster> ReadAsync(UpgradeSpec spec, CancellationToken cancellationToken) => new()
    {
        From = KongVersion.Parse(spec.From.Version),
        To = KongVersion.Parse(spec.To.Version),
        Edition = spec.To.Edition,
        ConfigurationX = await KongConfigurationReader.ReadAsync(spec.From.Deployment, spec.From.Nodes[0], SecretReference.Resolve, cancellationToken),
        ConfigurationY = await KongConfigurationReader.ReadAsync(spec.To.Deployment, spec.To.Nodes[0], SecretReference.Resolve, cancellationToken),
        Entities = await KongEntityReader.ReadAsync(new KongDatabase(spec.From.Database, SecretReference.Resolve), cancellationToken),
        ExpectedEnd = clock.GetUtcNow() + ExpectedUpgrade.LongestOf(spec),
    };

    private static StepFailedException Blocked(List<AssessmentFinding> blockers) => new(new Failure
    {
        Code = FailureCodes.BreakingChangeBlocks,
        Message = $"{blockers.Count} breaking change(s) would break cluster Y with this configuration.",
        Remedy = "Follow the remedies on cluster X and start again, or set override.blockers with a reason if you know better.",
        Details = [.. blockers.Select(static b => $"{b.Rule}: {b.Subject}: {b.Remedy}")],
    });
}

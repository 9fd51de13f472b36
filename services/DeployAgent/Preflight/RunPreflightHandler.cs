using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Preflight;

/// <summary>Runs every check and reports everything that stands in the way in one answer.</summary>
internal sealed class RunPreflightHandler(IEnumerable<IPreflightCheck> checks) : IStepHandler<RunPreflight>
{
    public async Task<IStepEvent> RunAsync(StepContext<RunPreflight> context, CancellationToken cancellationToken)
    {
        var spec = context.Command.Spec;
        EnsureVersion(spec.From.Version, "from");
        EnsureVersion(spec.To.Version, "to");
        var subject = new PreflightSubject(spec, context.Step.UpgradeId);
        var report = new PreflightReport();
        foreach (var check in checks)
        {
            try
            {
                await check.RunAsync(subject, report, cancellationToken);
            }
            catch (StepFailedException exception)
            {
                report.Problem(exception.Failure);
            }
        }

        return report.Verdict() is { } failure
            ? throw new StepFailedException(failure)
            : new PreflightPassed { Step = context.Step, Agent = context.Agent, Facts = report.Facts, Warnings = report.Warnings, Writers = report.Writers };
    }

    private static void EnsureVersion(string text, string side)
    {
        if (!KongVersion.TryParse(text, out _))
        {
            throw new StepFailedException(new Failure
            {
                Code = FailureCodes.SpecInvalid,
                Message = $"spec.{side}.version '{text}' is not a version of Kong.",
                Remedy = "Write it as kong version prints it, for example 2.8.5 or 3.4.3.5.",
            });
        }
    }
}

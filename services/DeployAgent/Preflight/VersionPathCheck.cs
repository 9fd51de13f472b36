using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Preflight;

/// <summary>The jump is one that Kong supports, or the operator takes the responsibility.</summary>
internal sealed class VersionPathCheck : IPreflightCheck
{
    public Task RunAsync(PreflightSubject subject, PreflightReport report, CancellationToken cancellationToken)
    {
        var path = VersionPath.Judge(subject.From, subject.To);
        report.Fact("version path", $"{subject.From} to {subject.To}: {path.Jump}");
        if (subject.Spec is { From.Edition: KongEdition.Enterprise, To.Edition: KongEdition.Community })
        {
            report.Problem(FailureCodes.VersionPathNotAllowed, "Kong Enterprise cannot be changed into the open-source edition: its schema has more tables.", "Aim at an Enterprise version.");
        }
        else if (subject.Spec.From.Edition != subject.Spec.To.Edition)
        {
            report.Problem(FailureCodes.VersionPathNotAllowed, "A change of edition needs a migration of its own, which the product does not run.", "Change the edition first, then upgrade.");
        }

        if (path.Jump == VersionJump.Downgrade)
        {
            report.Problem(FailureCodes.VersionPathNotAllowed, path.Reason, "Aim at a newer version; an override does not help here.");
        }
        else if (!path.IsAllowed && subject.Spec.Override is not { VersionPath: true })
        {
            report.Problem(FailureCodes.VersionPathNotAllowed, path.Reason, "Upgrade along the guaranteed way, or set override.versionPath with a reason.");
        }
        else if (!path.IsAllowed)
        {
            report.Warn($"{path.Reason} Overridden: {subject.Spec.Override?.Reason}");
        }

        return Task.CompletedTask;
    }
}

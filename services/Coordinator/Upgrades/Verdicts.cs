using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>What follows from judgements.</summary>
internal static class Verdicts
{
    public const string UndecidedReason = "cluster Y could not be judged in time";

    public static Failure Breach(UpgradeState saga, VerdictReached verdict) => new()
    {
        Code = FailureCodes.VerdictFailed,
        Message = verdict.Findings.FirstOrDefault(static f => f is { Verdict: Verdict.Failed, Override: null })?.Message ?? "Cluster Y was judged as failed.",
        Remedy = saga.Spec.Monitor.OnFailed == FailedVerdictChoice.Pause
            ? Overrides.RemedyOf(saga)
            : $"Look at cluster Y, which is kept; then: kum retry {saga.CorrelationId}",
        Details = [.. verdict.Findings.Select(static f => $"{f.Indicator}: {f.Verdict}: {f.Message}")],
    };

    public static Failure AfterReturn(UpgradeState saga, IReadOnlyList<VerdictFinding> findings) => new()
    {
        Code = findings.Any(static f => f.Verdict == Verdict.Failed) ? FailureCodes.VerdictFailed : FailureCodes.MonitorBlind,
        Message = findings[0].Message,
        Remedy = $"Look at cluster Y: there is no way back to cluster X, and nothing is done by itself. See kum explain {saga.CorrelationId}",
        Details = [.. findings.Select(static f => $"{FindingRef.Of(f)}: {f.Verdict}: {f.Message}")],
    };

    public static Failure Undecided(UpgradeState saga, object message) => saga.Verdict == Verdict.Errored
        ? new Failure
        {
            Code = FailureCodes.MonitorBlind,
            Message = "A cluster cannot be observed, so cluster Y cannot be judged.",
            Remedy = $"Make the metrics of all nodes readable for the monitor agent; then: kum resume {saga.CorrelationId}, or: kum rollback {saga.CorrelationId}",
        }
        : new Failure
        {
            Code = FailureCodes.VerdictInconclusive,
            Message = "There was not enough evidence to judge cluster Y in the allowed time.",
            Remedy = $"Wait for more traffic and kum resume {saga.CorrelationId}, or kum rollback {saga.CorrelationId}; lower traffic.minimumRequests next time.",
        };
}

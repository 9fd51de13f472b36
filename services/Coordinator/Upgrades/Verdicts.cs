using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>What follows from judgements.</summary>
internal static class Verdicts
{
    public const string UndecidedReason = "cluster Y could not be judged in time";

    public static Failure Breach(UpgradeState saga, VerdictReached verdict) => new()
    {
        Code = FailureCodes.VerdictFailed,
        Message = verdict.Findings.FirstOrDefault(static f => f.Verdict == Verdict.Failed)?.Message ?? "Cluster Y was judged as failed.",
        Remedy = $"Look at cluster Y, which is kept; then: kum retry {saga.CorrelationId}",
        Details = [.. verdict.Findings.Select(static f => $"{f.Indicator}: {f.Verdict}: {f.Message}")],
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

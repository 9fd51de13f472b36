using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Lab.Demo.Faults;

namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>What the lab's own measurements must show.</summary>
public static class LabChecks
{
    /// <summary>Judges the measurements of an upgrade that ended with <paramref name="outcome"/>.</summary>
    public static IEnumerable<CheckResult> Of(RequestResult requests, FreezeResult freeze, TrafficResult traffic, UpgradeOutcome? outcome, FaultKind? fault)
    {
        yield return new("The upgrade ended", outcome is UpgradeOutcome.Completed or UpgradeOutcome.RolledBack, outcome?.ToString() ?? "not ended");
        if (fault is not null)
        {
            yield return new("The fault led to a rollback", outcome == UpgradeOutcome.RolledBack, outcome?.ToString() ?? "not ended");
        }

        var unexplained = requests.Failed - requests.FailedByFault;
        yield return fault is null
            ? new("No client request failed", requests.Failed == 0, $"{requests.Failed} of {requests.Total}")
            : new("No client request failed but those that the broken Y answered", unexplained == 0, $"{unexplained} of {requests.Total}, and {requests.FailedByFault} by the fault");
        yield return new("No client went from Y back to X without a drill or a rollback", requests.MovedBack == 0, $"{requests.MovedBack}");
        var share = outcome == UpgradeOutcome.Completed ? 1.0 : 0.0;
        yield return new($"In the end {(share > 0 ? "all" : "no")} requests go to Y", requests.Total == 0 || traffic.FinalShareY == share, $"{traffic.FinalShareY}");
        if (freeze.Seconds is null)
        {
            yield break;
        }

        yield return new("Writes were tried while frozen and all were refused", freeze is { BlockedWrites: > 0, AcceptedWrites: 0 }, $"{freeze.BlockedWrites} refused, {freeze.AcceptedWrites} accepted");
        yield return new("Nothing of X's configuration changed while frozen", freeze.Drift == 0, freeze.Drift is { } drift ? $"{drift} tables" : "not measured");
        yield return new("The rate limiters went on counting while frozen", requests.Total == 0 || freeze.CountedX > 0, $"{freeze.CountedX} counted in X");
    }
}

using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Coordinator.Upgrades;

namespace KongUpgradeMesh.Coordinator.Api;

/// <summary>Says why an upgrade is where it is, what it waits for and what can be done.</summary>
internal static class Explanations
{
    public static Explanation Of(UpgradeView view, UpgradeState saga, IReadOnlyList<LeaseView> leases, IReadOnlyList<AgentView> agents) => new()
    {
        Upgrade = view,
        Summary = Summary(saga) + Alerts(saga),
        WaitingFor = [.. leases.Where(static l => l.Lane != StepLanes.Guard || l.Agent is null).Select(l => OfLease(l, agents)), .. OwnWaits(saga)],
        Commands = Commands(saga),
    };

    private static string Summary(UpgradeState saga) => saga.CurrentState switch
    {
        nameof(UpgradeStateMachine.Gate) => $"The upgrade stands at the gate before {saga.Phase}.",
        nameof(UpgradeStateMachine.Paused) => $"The upgrade is paused in {saga.Phase} with {saga.WeightY} % on cluster Y" + Because(saga),
        nameof(UpgradeStateMachine.RollingBack) => "All traffic is going back to cluster X" + Because(saga),
        nameof(UpgradeStateMachine.Completed) => "The upgrade is complete.",
        nameof(UpgradeStateMachine.RolledBack) => "The upgrade was rolled back; cluster Y is kept for inspection" + Because(saga),
        nameof(UpgradeStateMachine.Failed) => "The upgrade ended before any traffic moved" + Because(saga),
        nameof(UpgradeStateMachine.Aborted) => "The upgrade was aborted" + Because(saga),
        _ => $"The upgrade is in phase {saga.Phase} with {saga.WeightY} % on cluster Y.",
    };

    private static string Alerts(UpgradeState saga) => saga.Alerts.Count == 0
        ? ""
        : $" Found after the point of no return, where nothing rolls back: {string.Join(" ", saga.Alerts.Select(static f => $"{FindingRef.Of(f)}: {f.Message}"))}";

    private static string Because(UpgradeState saga) => saga.Failure is { } failure ? $": {failure.Message}" : ".";

    private static string OfLease(LeaseView lease, IReadOnlyList<AgentView> agents)
    {
        if (lease.Agent is not null)
        {
            return $"{lease.Step} by {lease.Agent}" + (lease.Activity is null ? "" : $": {lease.Activity}");
        }

        var able = agents.Where(a => a.Kind.ToString() == lease.Kind && a.Datacenter == lease.Datacenter).ToList();
        var who = $"a {lease.Kind.ToLowerInvariant()} agent of datacenter {lease.Datacenter} to take {lease.Step}";
        return able.Any(static a => a.Alive) ? who
            : able.Count > 0 ? $"{who}; {able[0].Agent} was last heard of at {able[0].LastSeenAt:u}"
            : $"{who}; none has ever been heard of";
    }

    private static IEnumerable<string> OwnWaits(UpgradeState saga)
    {
        if (saga.WaitDeadline is { } deadline)
        {
            yield return $"a person, until {deadline:u}";
        }

        if (saga.EndedAt is null && !saga.Main.IsOpen)
        {
            switch (saga.Main.Name)
            {
                case StepNames.Dwell or StepNames.Soak when !saga.DwellOver:
                    yield return $"the {saga.Main.Name} of {saga.DwellTime()} to pass";
                    break;
                case StepNames.AfterWatch:
                    yield return $"the watch after the end, {saga.Spec.AfterWatch}, to pass";
                    break;
                case StepNames.EstablishWatch:
                    yield return "the monitor to see both clusters";
                    break;
                case StepNames.WatchRamp:
                    yield return "the monitor to measure both clusters; the ramp stays where it is until then";
                    break;
            }

            if (saga.IsDwelling() && saga.Verdict != Verdict.Passed)
            {
                yield return $"a passed verdict on {saga.WeightY} %; it is {saga.Verdict?.ToString() ?? "not yet given"}";
            }
        }
    }

    private static string[] Commands(UpgradeState saga)
    {
        var id = saga.CorrelationId;
        string[] back = saga.PastNoReturn ? [] : [$"kum rollback {id}", $"kum abort {id}"];
        return saga.CurrentState switch
        {
            nameof(UpgradeStateMachine.Gate) => [$"kum approve {id}", .. back],
            nameof(UpgradeStateMachine.Paused) when saga.FailedFindings.Count > 0 => Overrides.CommandOf(saga) is { } go ? [.. back, go] : back,
            nameof(UpgradeStateMachine.Paused) => [$"kum resume {id}", .. back],
            nameof(UpgradeStateMachine.Completed) => [],
            nameof(UpgradeStateMachine.RolledBack) or nameof(UpgradeStateMachine.Failed) or nameof(UpgradeStateMachine.Aborted) => [$"kum timeline {id}", $"kum retry {id}"],
            nameof(UpgradeStateMachine.RollingBack) => [$"kum watch {id}"],
            _ => [$"kum watch {id}", $"kum pause {id}", .. back],
        };
    }
}

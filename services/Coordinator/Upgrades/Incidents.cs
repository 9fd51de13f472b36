using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Traffic;
using MassTransit;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>What follows from what happened to a split without a command.</summary>
internal static class Incidents
{
    private const string LeadToY = "Lead all traffic to cluster Y in the load balancer by hand: cluster X is being removed or is gone.";

    /// <summary>All traffic went back to X.</summary>
    public static bool Restored(BehaviorContext<UpgradeState, TrafficIncident> context) =>
        Answered(context) is TrafficIncidentKind.ReflexRestored or TrafficIncidentKind.DeadManRestored or TrafficIncidentKind.BreakGlassRestored;

    public static bool SplitChanged(BehaviorContext<UpgradeState, TrafficIncident> context) => Answered(context) == TrafficIncidentKind.SplitChanged;

    public static bool ShareDiffers(BehaviorContext<UpgradeState, TrafficIncident> context) => Answered(context) == TrafficIncidentKind.ShareDiffers;

    /// <summary>Worth a person's attention, but nothing that the run could do something about.</summary>
    public static bool Warns(BehaviorContext<UpgradeState, TrafficIncident> context) =>
        Answered(context) is TrafficIncidentKind.RestoreHeld or TrafficIncidentKind.DeadManHeld or TrafficIncidentKind.SplitReasserted;

    /// <summary>Whether the run answers it: it is of this epoch and was not answered before. A doubt is decided for answering, since a pause costs less than a split that nobody looks at.</summary>
    public static bool IsToBeAnswered(UpgradeState saga, TrafficIncident incident) => incident.Step.Epoch == saga.Epoch && !saga.AnsweredIncidents.Contains(incident.At);

    public static Failure FailureOf(UpgradeState saga, TrafficIncident incident) => new()
    {
        Code = CodeOf(incident.Kind),
        Message = incident.Message,
        Remedy = saga.PastNoReturn && incident.Split is not { WeightX: 0 } ? LeadToY : RemedyOf(incident.Kind, saga.CorrelationId),
    };

    /// <summary>The whole story in one sentence: it may be told much later than it happened.</summary>
    public static string SentenceOf(TrafficIncident incident) =>
        $"{incident.Message} ({incident.At:u}" + (incident.Took is { } took ? $", all traffic on cluster X after {took.TotalSeconds:0.0} s)" : ")");

    // Decided once, when it was recorded: what is done about it changes what it would be decided by.
    private static TrafficIncidentKind? Answered(BehaviorContext<UpgradeState, TrafficIncident> context) => context.GetPayload<IncidentAnswer>().Kind;

    private static string CodeOf(TrafficIncidentKind kind) => kind switch
    {
        TrafficIncidentKind.ReflexRestored => FailureCodes.VerdictFailed,
        TrafficIncidentKind.DeadManRestored or TrafficIncidentKind.DeadManHeld => FailureCodes.ContactLost,
        TrafficIncidentKind.BreakGlassRestored => FailureCodes.EndedByOperator,
        TrafficIncidentKind.RestoreHeld => FailureCodes.RestoreHeld,
        TrafficIncidentKind.SplitChanged or TrafficIncidentKind.SplitReasserted => FailureCodes.SplitForeign,
        TrafficIncidentKind.ShareDiffers => FailureCodes.SplitNotInForce,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an incident"),
    };

    private static string RemedyOf(TrafficIncidentKind kind, Guid id) => kind switch
    {
        TrafficIncidentKind.ReflexRestored => $"Look at cluster Y, which is kept; then: kum retry {id}",
        TrafficIncidentKind.DeadManRestored => $"Bring broker, coordinator and monitor agent back within reach of the traffic agent; then: kum retry {id}",
        TrafficIncidentKind.BreakGlassRestored => $"When the reason is gone: kum retry {id}",
        TrafficIncidentKind.DeadManHeld => $"Bring broker, coordinator and monitor agent back within reach of the traffic agent, or put all traffic on cluster X: kum rollback {id}",
        TrafficIncidentKind.RestoreHeld => $"Bring cluster X, or the load balancer's control interface, back; then: kum rollback {id}",
        TrafficIncidentKind.SplitChanged => $"Find out who changes the split and stop it; then put this upgrade's split back: kum resume {id}, or all traffic on cluster X: kum rollback {id}",
        TrafficIncidentKind.SplitReasserted => $"Find out who changes the split and stop it; if that cannot be done: kum rollback {id}",
        _ => $"Look for the cause that is named; then: kum resume {id}, or: kum rollback {id}",
    };
}

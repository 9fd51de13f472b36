namespace KongUpgradeMesh.Coordinator.Timeline;

/// <summary>The kinds of timeline entries.</summary>
internal static class TimelineKinds
{
    public const string Started = "started";
    public const string PhaseEntered = "phase-entered";
    public const string StepDispatched = "step-dispatched";
    public const string StepAccepted = "step-accepted";
    public const string StepCompleted = "step-completed";
    public const string StepFailed = "step-failed";
    public const string StepSilent = "step-silent";
    public const string TrafficShifted = "traffic-shifted";
    public const string TrafficDrilled = "traffic-drilled";
    public const string TrafficIncident = "traffic-incident";
    public const string Verdict = "verdict";
    public const string Override = "override";
    public const string Paused = "paused";
    public const string Resumed = "resumed";
    public const string GateWaiting = "gate-waiting";
    public const string GateDecided = "gate-decided";
    public const string RollbackStarted = "rollback-started";
    public const string Operator = "operator";
    public const string Alert = "alert";
    public const string Tainted = "tainted";
    public const string WritesRefused = "writes-refused";
    public const string Ended = "ended";
}

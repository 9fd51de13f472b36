using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using MassTransit;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>Everything the coordinator remembers of one upgrade. Stored as JSON: fields are added, never renamed.</summary>
public sealed class UpgradeState : SagaStateMachineInstance, ISagaVersion
{
    /// <summary>The upgrade's id.</summary>
    public Guid CorrelationId { get; set; }

    public int Version { get; set; }

    public string CurrentState { get; set; } = "";

    /// <summary>Version of the procedure this upgrade began with; it finishes on the same.</summary>
    public int DefinitionVersion { get; set; }

    public string RequestId { get; set; } = "";

    public string RequestedBy { get; set; } = "";

    public UpgradeSpec Spec { get; set; } = null!;

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The phase it is in, or was in before a gate, a pause or a rollback.</summary>
    public string Phase { get; set; } = "";

    public int Epoch { get; set; }

    /// <summary>The procedure's own step.</summary>
    public StepCursor Main { get; set; } = new();

    /// <summary>The judgement beside it.</summary>
    public StepCursor Watch { get; set; } = new();

    /// <summary>The look at the fences beside it.</summary>
    public StepCursor Guard { get; set; } = new();

    /// <summary>Name of the step to send when the phase is entered again; null begins the phase.</summary>
    public string? Pending { get; set; }

    /// <summary>A pause was asked for while a step was running.</summary>
    public bool PauseRequested { get; set; }

    /// <summary>Why a pause was asked for; null when an operator did.</summary>
    public string? PauseReason { get; set; }

    /// <summary>An operator asked to end the upgrade; decides the outcome after the rollback.</summary>
    public bool AbortRequested { get; set; }

    /// <summary>The gate that has been decided, by the phase it stands before.</summary>
    public string? OpenedGate { get; set; }

    /// <summary>When the present gate or pause ends by itself; null when there is none.</summary>
    public DateTimeOffset? WaitDeadline { get; set; }

    /// <summary>The load balancer was found fit to be driven, so a rollback must restore it.</summary>
    public bool TrafficPrepared { get; set; }

    /// <summary>A shift was commanded in this epoch or an earlier one.</summary>
    public bool TrafficTouched { get; set; }

    /// <summary>The freeze was commanded, so a fence may exist.</summary>
    public bool FenceTouched { get; set; }

    /// <summary>Cluster X is being removed or cluster Y accepts writes: there is no way back.</summary>
    public bool PastNoReturn { get; set; }

    /// <summary>A fence lapsed or a configuration drifted.</summary>
    public bool Tainted { get; set; }

    /// <summary>Index into the spec's traffic steps of the step in work, beginning at 0.</summary>
    public int TrafficStep { get; set; }

    /// <summary>The way back was tried in this epoch, or cannot be.</summary>
    public bool Drilled { get; set; }

    /// <summary>Somebody else changed the split and it was left as found: a resume goes by way of putting ours back.</summary>
    public bool SplitForeign { get; set; }

    /// <summary>A person has resumed after a foreign change, so the next shift replaces it.</summary>
    public bool OverForeign { get; set; }

    /// <summary>When the latest incidents of this epoch that were answered happened, by their agent's clock: what is told again is not answered again.</summary>
    public IReadOnlyList<DateTimeOffset> AnsweredIncidents { get; set; } = [];

    /// <summary>Percent of keys on cluster Y, as last proven.</summary>
    public int WeightY { get; set; }

    /// <summary>The dwell of the present traffic step (or the soak) is over.</summary>
    public bool DwellOver { get; set; }

    /// <summary>The newest judgement of the present watch step; null before the first.</summary>
    public Verdict? Verdict { get; set; }

    /// <summary>Findings of failed verdicts, each once, that nobody has overridden; kept over the rollback.</summary>
    public IReadOnlyList<VerdictFinding> FailedFindings { get; set; } = [];

    /// <summary>Findings that do not count by a person's word.</summary>
    public IReadOnlyList<VerdictOverride> Overrides { get; set; } = [];

    /// <summary>Findings that were alerted after the point of no return, each once.</summary>
    public IReadOnlyList<VerdictFinding> Alerts { get; set; } = [];

    /// <summary>Cluster X's configuration as it was frozen; null before.</summary>
    public ConfigurationFingerprint? FrozenX { get; set; }

    /// <summary>Cluster Y's configuration as it was after its start; null before.</summary>
    public ConfigurationFingerprint? BaselineY { get; set; }

    public string? BackupLocation { get; set; }

    public string? ManifestDigest { get; set; }

    /// <summary>Writes refused on cluster X while it was frozen, as last reported.</summary>
    public long RefusedWrites { get; set; }

    /// <summary>What went wrong last; null when nothing did.</summary>
    public Failure? Failure { get; set; }

    /// <summary>Sequence of the newest timeline entry.</summary>
    public long TimelineSequence { get; set; }

    /// <summary>Hash of the newest timeline entry.</summary>
    public string TimelineHash { get; set; } = Timeline.TimelineHash.Genesis;

    public Guid? StepDeadlineToken { get; set; }

    public Guid? RetryDelayToken { get; set; }

    public Guid? DwellToken { get; set; }

    public Guid? DecisionDeadlineToken { get; set; }

    public Guid? WaitDeadlineToken { get; set; }

    public Guid? WatchRetryToken { get; set; }

    public Guid? GuardRetryToken { get; set; }
}

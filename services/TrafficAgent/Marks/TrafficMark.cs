using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;

namespace KongUpgradeMesh.TrafficAgent.Marks;

/// <summary>An upgrade's traffic was put back on X in an epoch; no shift of that epoch or an earlier one is carried out any more.</summary>
public sealed record TrafficMark
{
    /// <summary>The upgrade.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>The newest epoch that is over.</summary>
    public required int Epoch { get; init; }

    /// <summary>Who did it.</summary>
    public required StopCause Cause { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>When it was decided, by the agent's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The shift that had set the split.</summary>
    public required StepRef Shift { get; init; }

    /// <summary>What came of it and was put down to be reported; null while the restore has not ended, which a restarted agent then finishes.</summary>
    public TrafficIncidentKind? Outcome { get; init; }
}

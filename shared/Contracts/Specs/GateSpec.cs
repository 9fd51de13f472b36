namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>A wait for a person before a phase begins.</summary>
public sealed record GateSpec
{
    /// <summary>Name of the phase the gate stands before: <c>Freeze</c>, <c>Shift</c>, <c>Decommission</c> or <c>Unfreeze</c>.</summary>
    public required string Before { get; init; }

    /// <summary>How long the gate waits. 1 second to 30 days. Default 1 day.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromDays(1);

    /// <summary>What happens when nobody decides. Default <see cref="GateOutcome.RollBack"/>.</summary>
    public GateOutcome OnDeadline { get; init; } = GateOutcome.RollBack;
}

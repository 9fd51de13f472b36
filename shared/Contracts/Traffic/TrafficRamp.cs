namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>How a split was reached in small increments, by the try of the step that reached it.</summary>
public sealed record TrafficRamp
{
    /// <summary>The split that was in force when the try began.</summary>
    public required TrafficSplit From { get; init; }

    /// <summary>How many times the split was raised, 1 or more.</summary>
    public required int Increments { get; init; }

    /// <summary>How long that took.</summary>
    public required TimeSpan Took { get; init; }
}

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>What is known of one latency.</summary>
public sealed record LatencyFinding
{
    /// <summary>Nothing is known.</summary>
    public static LatencyFinding Unknown { get; } = new();

    /// <summary>Since the step began, without its first cold seconds; null when nothing could be compared.</summary>
    public LatencyRise? Whole { get; init; }

    /// <summary>Whether the rise since the step began, or clearly the latest one, is larger than permitted, so that the step cannot pass.</summary>
    public bool IsOver { get; init; }

    /// <summary>The longest stretch until now in which Y was slower by more than is permitted, beyond luck; null for none.</summary>
    public LatencyRise? Breach { get; init; }

    /// <summary>Length of the breach.</summary>
    public TimeSpan BreachLength { get; init; }
}

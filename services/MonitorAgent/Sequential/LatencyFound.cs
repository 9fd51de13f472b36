namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>What is known of all latencies now.</summary>
/// <param name="Gateway">What Kong added.</param>
/// <param name="Total">Whole requests, as far as the upstream services do not explain them.</param>
/// <param name="Upstream">Upstream services, as both sides reach them.</param>
/// <param name="SharedCause">Whether the upstream services have become slow for both sides.</param>
public sealed record LatencyFound(LatencyFinding Gateway, LatencyFinding Total, LatencyFinding Upstream, bool SharedCause)
{
    /// <summary>Nothing is known.</summary>
    public static LatencyFound Nothing { get; } = new(LatencyFinding.Unknown, LatencyFinding.Unknown, LatencyFinding.Unknown, false);

    /// <summary>Whole requests since the step began, upstream services included; null when nothing could be compared.</summary>
    public LatencyRise? Requests { get; init; }
}

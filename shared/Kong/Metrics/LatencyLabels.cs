namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>The labels of a latency's line that are looked at, as they were sent; empty where absent.</summary>
internal ref struct LatencyLabels
{
    public ReadOnlySpan<byte> Service { get; set; }

    public ReadOnlySpan<byte> Route { get; set; }

    public ReadOnlySpan<byte> Type { get; set; }

    public ReadOnlySpan<byte> Bound { get; set; }
}

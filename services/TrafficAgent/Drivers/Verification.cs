namespace KongUpgradeMesh.TrafficAgent.Drivers;

/// <summary>What was seen of a split beyond the balancer's own word.</summary>
/// <param name="ShareY">Share of requests seen on Y, 0 to 1; null when too few were seen or the driver cannot tell.</param>
/// <param name="Requests">How many requests that rests on.</param>
public sealed record Verification(double? ShareY, long Requests)
{
    /// <summary>The driver has no way to see the share.</summary>
    public static Verification NotSupported { get; } = new(null, 0);
}

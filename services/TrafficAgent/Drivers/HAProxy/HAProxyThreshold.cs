namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>What one threshold for the hash of a sticky key promises, wherever HAProxy takes the threshold from.</summary>
internal static class HAProxyThreshold
{
    /// <summary>What it costs.</summary>
    public const string Limit = "The share is one of sticky keys; the share of requests follows only as far as keys are equally busy.";

    /// <summary>What it can promise.</summary>
    public static DriverCapabilities Capabilities { get; } = new() { IsSticky = true, Assignment = TrafficAssignment.PerRequest, SeesShare = true };
}

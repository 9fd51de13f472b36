using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>How much the bench sends, waits and reads.</summary>
internal static class BenchLimits
{
    /// <summary>Requests a second of the clients.</summary>
    public const double RatePerSecond = 130;

    /// <summary>What is waited for longest; a machine may be busy, so nothing may be concluded from a slow one.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>What an upstream takes when nothing is wrong.</summary>
    public static readonly TimeSpan UpstreamLatency = TimeSpan.FromMilliseconds(5);

    /// <summary>Read as often as the product allows; the window is short so that it is full of the disturbance soon.</summary>
    public static readonly MonitorSpec Monitor = new() { ScrapeInterval = TimeSpan.FromMilliseconds(250), Window = TimeSpan.FromSeconds(5) };
}

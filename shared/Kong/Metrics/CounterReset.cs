namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Tells a counter that began anew from one that only stepped back.</summary>
public static class CounterReset
{
    // What begins anew begins near zero; what fell by less and is taken for new would put a node's whole life into one second.
    private const double LargestAnew = 0.5;

    /// <summary>Whether the counter began anew, so that all of it is new. One that stepped back without that gained nothing that is known.</summary>
    /// <param name="before">The older reading.</param>
    /// <param name="now">The newer reading.</param>
    public static bool IsBetween(double before, double now) => now < before * LargestAnew;

    /// <summary>What the counter gained, 0 or more.</summary>
    /// <param name="before">The older reading.</param>
    /// <param name="now">The newer reading.</param>
    public static double GainOf(double before, double now) => IsBetween(before, now) ? now : Math.Max(0, now - before);
}

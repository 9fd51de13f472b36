namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>Requests that nginx counts and that no client sent: health checks, other scrapers. They hide among requests without a route.</summary>
/// <param name="KnownPerSecond">On Y, a second: what Y had before it had traffic, or what X has now.</param>
/// <param name="UnannouncedPerSecond">On Y, a second: what may come on top.</param>
/// <param name="OnXPerSecond">On X, a second.</param>
public readonly record struct OtherRequests(double KnownPerSecond, double UnannouncedPerSecond, double OnXPerSecond)
{
    // Requests a second and node that nobody announced: a second scraper, a person with curl.
    private const double UnannouncedPerNode = 0.3;

    // More than this a second and node is no health check any more.
    private const double MostChecksPerNode = 2;

    private const double StandardDeviations = 4;

    /// <summary>What is known of them.</summary>
    public static OtherRequests Of(SideView x, SideView y, TimeSpan elapsed, Reference? reference)
    {
        var nodes = y.Nodes.Count;
        var before = reference?.OtherRequestsPerSecondY ?? 0;

        // Over the whole step, not the window: X is busy, and a second's lag of its counters would look like checks.
        var seconds = elapsed.TotalSeconds;
        var onXNow = seconds > 0 ? Math.Max(0, x.SinceStart.Unmatched) / seconds / x.Nodes.Count : 0;

        // On X the checks are few among many requests; what Y had before traffic is the best guess of them.
        return new OtherRequests(Math.Max(before, Math.Min(onXNow, MostChecksPerNode) * nodes), UnannouncedPerNode * nodes, before / nodes * x.Nodes.Count);
    }

    /// <summary>How many there may have been on Y in a span. What is known is a mean; checks come at random, so the span may hold some more of them.</summary>
    public double MostIn(TimeSpan span) =>
        ((KnownPerSecond + UnannouncedPerSecond) * span.TotalSeconds) + Scatter(span);

    /// <summary>How many more than the mean a span may hold.</summary>
    public double Scatter(TimeSpan span) => StandardDeviations * Math.Sqrt(KnownPerSecond * span.TotalSeconds);
}

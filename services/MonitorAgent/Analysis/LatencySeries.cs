using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>Latency of one cluster over the newest intervals that hold enough requests. Milliseconds.</summary>
/// <param name="Mean">Mean of whole requests.</param>
/// <param name="OwnMean">Mean of what was spent outside the upstream services.</param>
/// <param name="OwnMedian">Median of the intervals' own means, each weighted with its requests.</param>
/// <param name="StandardError">Of <paramref name="OwnMean"/>, from the scatter of the intervals.</param>
/// <param name="Intervals">Intervals that had requests.</param>
public sealed record LatencySeries(double Mean, double OwnMean, double OwnMedian, double StandardError, int Intervals)
{
    /// <summary>Takes the window, or as much more of the past as is needed for enough requests; null when even that is too little.</summary>
    public static LatencySeries? Of(IReadOnlyList<SideTick> ticks, MonitorSpec thresholds)
    {
        var chosen = new List<SideTick>();
        var (requests, length) = (0.0, TimeSpan.Zero);
        var least = Math.Max(1, thresholds.MinimumSamples);
        for (var i = ticks.Count - 1; i >= 0 && (requests < least || length < thresholds.Window); i--)
        {
            length += ticks[i].Length;
            if (ticks[i].Tally.RequestLatency.Count > 0)
            {
                chosen.Add(ticks[i]);
                requests += ticks[i].Tally.RequestLatency.Count;
            }
        }

        return requests < least ? null : Of(chosen, requests);
    }

    /// <summary>What is remembered, of which the scatter is no longer known.</summary>
    public static LatencySeries? Of(Reference reference, MonitorSpec thresholds) =>
        reference.X.RequestLatency.Count >= Math.Max(1, thresholds.MinimumSamples) && reference.X is { MeanLatency: { } mean, OwnLatency: { } own }
            ? new LatencySeries(mean, own, own, 0, 0)
            : null;

    private static LatencySeries Of(List<SideTick> ticks, double requests)
    {
        var sum = TrafficTally.Sum(ticks.Select(static t => t.Tally));
        var own = sum.OwnLatency!.Value;
        var squares = ticks.Sum(t => Math.Pow(t.Tally.RequestLatency.Count / requests * (t.Tally.OwnLatency!.Value - own), 2));
        var correction = ticks.Count > 1 ? ticks.Count / (ticks.Count - 1.0) : 1;
        return new LatencySeries(sum.MeanLatency!.Value, own, Median(ticks, requests), Math.Sqrt(squares * correction), ticks.Count);
    }

    private static double Median(List<SideTick> ticks, double requests)
    {
        var seen = 0.0;
        foreach (var tick in ticks.OrderBy(static t => t.Tally.OwnLatency))
        {
            seen += tick.Tally.RequestLatency.Count;
            if (seen * 2 >= requests)
            {
                return tick.Tally.OwnLatency!.Value;
            }
        }

        return 0;
    }
}

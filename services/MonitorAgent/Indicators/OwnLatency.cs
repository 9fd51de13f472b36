using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Is Y slower than X by its own fault? What the upstream services took is subtracted from each request first.</summary>
/// <remarks>
/// Kong gives only sums, so the intervals serve as samples: the rise must be larger than permitted in the mean and in the
/// median of the intervals, and stand far out of their scatter. A cold start is slow in a few intervals only and passes.
/// </remarks>
public sealed class OwnLatency : IIndicator
{
    private const string Name = "latency";
    private const int LeastIntervals = 5;
    private const double StandardErrors = 5;

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var y = LatencySeries.Of(observation.Y.Ticks, observation.Thresholds);
        var x = MeasureOf(observation);
        if (x is null || y is null)
        {
            yield return Finding.Of(Name, Verdict.Inconclusive, "Too few requests to compare the latency of Y and X.");
            yield break;
        }

        var permitted = Math.Max(observation.Thresholds.LatencyFloor.TotalMilliseconds, (observation.Thresholds.LatencyRatio - 1) * x.Mean);
        var rise = y.OwnMean - x.OwnMean;
        var upstream = y.Mean - y.OwnMean - (x.Mean - x.OwnMean);
        var message = $"Mean latency on Y {y.Mean:0} ms, on X {x.Mean:0} ms; of the difference {rise:0} ms are Y's own, {upstream:0} ms the upstream services'.";
        if (rise <= permitted)
        {
            yield return Finding.Of(Name, Verdict.Passed, message, x.Mean, y.Mean);
            yield break;
        }

        var scatter = Math.Sqrt((y.StandardError * y.StandardError) + (x.StandardError * x.StandardError));
        var sure = y.Intervals >= LeastIntervals && y.OwnMedian - x.OwnMean > permitted && rise > StandardErrors * scatter;
        var badSince = observation.Y.Ticks.FirstOrDefault(t => t.Tally.OwnLatency > x.OwnMean + permitted)?.Began;
        yield return sure
            ? Finding.Of(Name, Verdict.Failed, message, x.Mean, y.Mean, badSince)
            : Finding.Of(Name, Verdict.Inconclusive, message, x.Mean, y.Mean);
    }

    private static LatencySeries? MeasureOf(Observation observation)
    {
        var now = observation.HasTrafficX ? LatencySeries.Of(observation.X.Ticks, observation.Thresholds) : null;
        return now ?? (observation.Reference is { } reference ? LatencySeries.Of(reference, observation.Thresholds) : null);
    }
}

using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Do requests on Y miss their route? Kong counts a request without a route nowhere; it shows only as the gap between nginx's counter and Kong's.</summary>
/// <remarks>
/// The gap also holds health checks and other scrapers, and trembles because Kong publishes its counters once a second.
/// Both are taken out before anything is blamed on a route: what Y had of it before traffic, and what X has of it now.
/// Failed by evidence that may be looked at every second (<see cref="Sequential.UnmatchedEvidence"/>).
/// For a pass the counters get no such benefit of the doubt: a gap that trembling might explain, but need not, is no evidence of health.
/// </remarks>
public sealed class UnmatchedRequests : IIndicator
{
    private const string Name = "unmatched";

    // Kong 3 merges its workers' counters every second, so up to a second of traffic can be missing at either end.
    private const double CounterLagSeconds = 1;

    // While the rate has not changed, the counters lag equally at both ends of a span; the step's own change of it is over by then.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2 * CounterLagSeconds);

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var (wholeX, wholeY) = (new TrafficSpan(observation.Elapsed, observation.X.SinceStart), new TrafficSpan(observation.Elapsed, observation.Y.SinceStart));
        var window = Compare(observation, observation.WindowX, observation.WindowY, CounterLagSeconds);
        var whole = Compare(observation, wholeX, wholeY, CounterLagSeconds);
        var worst = !observation.HasLostRequests ? null : window is { IsOver: true } ? window : whole is { IsOver: true } ? whole : null;
        if (worst is not null && observation.Y.Nodes.Any(static n => !n.Families.HasFlag(MetricFamilies.Requests)))
        {
            // Where a node counts nothing, every request looks as if it had no route. That is blindness, and Visibility's to say.
            yield return Say(Verdict.Inconclusive, worst, null);
        }
        else if (worst is not null)
        {
            yield return Say(Verdict.Failed, worst, BadSince(observation, worst));
        }
        else if (whole is null)
        {
            yield return Finding.Of(Name, Verdict.Inconclusive, "Too few requests to compare those without a route on Y and X.");
        }
        else
        {
            var settled = Compare(observation, wholeX, SettledY(observation), 0) ?? Compare(observation, wholeX, wholeY, 0);
            var suspicious = new[] { whole, window, settled }.FirstOrDefault(static c => c is { IsOver: true });
            yield return suspicious is null ? Say(Verdict.Passed, whole, null) : Say(Verdict.Inconclusive, suspicious, null);
        }
    }

    private static Finding Say(Verdict verdict, RateComparison comparison, TimeSpan? badSince) => Finding.Of(
        Name,
        verdict,
        $"Requests without a route on Y {comparison.RateY:P1} of {comparison.RequestsY:0}, on X {comparison.RateX:P1} of {comparison.RequestsX:0}.",
        comparison.RateX * 100,
        comparison.RateY * 100,
        badSince);

    /// <summary>Y in the compared window, without the step's first moments.</summary>
    private static TrafficSpan SettledY(Observation observation) => observation.Y.After(observation.WindowStart > Settling ? observation.WindowStart : Settling);

    private static RateComparison? Compare(Observation observation, TrafficSpan x, TrafficSpan y, double lagSeconds)
    {
        var (measure, remembered) = MeasureOf(observation, x, y);
        var others = OtherRequests.Of(observation.X, observation.Y, observation.Elapsed, observation.Reference);
        var unmatchedY = Math.Max(0, y.Tally.Unmatched - others.MostIn(y.Length));
        var requestsY = y.Tally.Total + unmatchedY;
        var blamed = Math.Max(0, unmatchedY - LagOf(requestsY, y.Length, lagSeconds));

        var unmatchedX = Math.Max(0, measure.Tally.Unmatched - (others.OnXPerSecond * measure.Length.TotalSeconds));
        var requestsX = measure.Tally.Total + unmatchedX;
        var least = Math.Max(1, observation.Thresholds.MinimumSamples);
        return requestsY < least || requestsX < least || (remembered && observation.Reference is null)
            ? null
            : RateComparison.Of(unmatchedX / requestsX, requestsX, blamed, requestsY, observation.Thresholds.UnmatchedPoints / 100);
    }

    private static (TrafficSpan Span, bool Remembered) MeasureOf(Observation observation, TrafficSpan x, TrafficSpan y)
    {
        var reference = observation.Reference is { } r ? new TrafficSpan(r.Length, r.X) : null;
        if (!observation.HasTrafficX)
        {
            return (reference ?? new TrafficSpan(TimeSpan.Zero, new TrafficTally()), true);
        }

        return x.Tally.Total < y.Tally.Total && reference is not null
            ? (new TrafficSpan(x.Length + reference.Length, TrafficTally.Sum([x.Tally, reference.Tally])), true)
            : (x, false);
    }

    private static double LagOf(double requests, TimeSpan length, double lagSeconds) =>
        length > TimeSpan.Zero ? Math.Min(requests, requests / length.TotalSeconds * lagSeconds) : requests;

    private static TimeSpan? BadSince(Observation observation, RateComparison comparison) => observation.Y.Ticks
        .FirstOrDefault(t => t.Tally.Unmatched > (t.Tally.Total + t.Tally.Unmatched) * (comparison.RateX + (observation.Thresholds.UnmatchedPoints / 100)))?.Began;
}

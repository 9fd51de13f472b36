using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Do requests on Y miss their route? Kong counts a request without a route nowhere; it shows only as the gap between nginx's counter and Kong's.</summary>
/// <remarks>
/// The gap also holds health checks and other scrapers, and trembles because Kong publishes its counters once a second.
/// Both are taken out before anything is blamed on a route: what Y had of it before traffic, and what X has of it now.
/// For a pass the counters get no such benefit of the doubt: a gap that trembling might explain, but need not, is no evidence of health.
/// </remarks>
public sealed class UnmatchedRequests : IIndicator
{
    private const string Name = "unmatched";

    // Kong 3 merges its workers' counters every second, so up to a second of traffic can be missing at either end.
    private const double CounterLagSeconds = 1;

    // While the rate has not changed, the counters lag equally at both ends of a span; the step's own change of it is over by then.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2 * CounterLagSeconds);

    // Requests a second and node that nobody announced: a second scraper, a person with curl.
    private const double UnannouncedPerNode = 0.3;

    private const double StandardDeviations = 4;

    // More than this a second and node is no health check any more.
    private const double MostChecksPerNode = 2;

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var (wholeX, wholeY) = (new TrafficSpan(observation.Elapsed, observation.X.SinceStart), new TrafficSpan(observation.Elapsed, observation.Y.SinceStart));
        var window = Compare(observation, observation.WindowX, observation.WindowY, CounterLagSeconds);
        var whole = Compare(observation, wholeX, wholeY, CounterLagSeconds);
        var worst = window is { IsWorse: true } ? window : whole is { IsWorse: true } ? whole : null;
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
        var others = Others(observation, y);
        var unmatchedY = Math.Max(0, y.Tally.Unmatched - others);
        var requestsY = y.Tally.Total + unmatchedY;
        var blamed = Math.Max(0, unmatchedY - LagOf(requestsY, y.Length, lagSeconds));

        // On X the checks are few among many requests; what Y had before traffic is the best guess of them.
        var checksX = (observation.Reference?.OtherRequestsPerSecondY ?? 0) / observation.Y.Nodes.Count * observation.X.Nodes.Count;
        var unmatchedX = Math.Max(0, measure.Tally.Unmatched - (checksX * measure.Length.TotalSeconds));
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

    /// <summary>Requests on Y in the span that were no client's.</summary>
    private static double Others(Observation observation, TrafficSpan y)
    {
        var nodes = observation.Y.Nodes.Count;
        var before = observation.Reference?.OtherRequestsPerSecondY ?? 0;

        // Over the whole step, not the window: X is busy, and a second's lag of its counters would look like checks.
        var seconds = observation.Elapsed.TotalSeconds;
        var onXNow = seconds > 0 ? Math.Max(0, observation.X.SinceStart.Unmatched) / seconds / observation.X.Nodes.Count : 0;
        var known = Math.Max(before, Math.Min(onXNow, MostChecksPerNode) * nodes) * y.Length.TotalSeconds;

        // What is known is a mean; checks come at random, so the span may hold some more of them.
        return known + (StandardDeviations * Math.Sqrt(known)) + (UnannouncedPerNode * nodes * y.Length.TotalSeconds);
    }

    private static double LagOf(double requests, TimeSpan length, double lagSeconds) =>
        length > TimeSpan.Zero ? Math.Min(requests, requests / length.TotalSeconds * lagSeconds) : requests;

    private static TimeSpan? BadSince(Observation observation, RateComparison comparison) => observation.Y.Ticks
        .FirstOrDefault(t => t.Tally.Unmatched > (t.Tally.Total + t.Tally.Unmatched) * (comparison.RateX + (observation.Thresholds.UnmatchedPoints / 100)))?.Began;
}

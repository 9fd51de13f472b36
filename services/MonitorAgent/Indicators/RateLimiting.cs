using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Does Y answer 429 more often than the split explains?</summary>
/// <remarks>
/// The split explains what <see cref="RateLimits"/> computes, and limited clients that have moved: then both clusters together reject no more than X did before. Clients may also begin to
/// ask for more. So Y fails only when it accepts less than its share of all that is accepted: a client that asks for too much adds requests and takes no accepted ones away.
/// </remarks>
public sealed class RateLimiting : IIndicator
{
    private static readonly AnswerKind Kind = AnswerKind.RateLimited;

    // Of what is unexplained, this much must be missing from what Y accepts.
    private const double Missing = 0.5;

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var (x, y) = (RateRise.MeasureOf(observation, observation.X.SinceStart, observation.Y.SinceStart), observation.Y.SinceStart);
        if (RateComparison.Of(x, y, Kind, 0, observation.Thresholds.MinimumSamples) is not { } comparison)
        {
            yield return Finding.Of(Kind.Indicator, Verdict.Inconclusive, "Too few requests to compare 429 on Y and X.");
            yield break;
        }

        var permitted = observation.Thresholds.ErrorRatePoints / 100;
        var explained = RateLimits.Under(comparison.RateX, observation.LimitPressure);
        var unexplained = comparison.RateY - explained;
        if (unexplained <= permitted)
        {
            yield return Say(observation, Verdict.Passed, comparison, explained, "");
        }
        else if (Together(observation) is { IsOver: false })
        {
            yield return Say(observation, Verdict.Passed, comparison, comparison.RateY, ": both clusters together reject no more than X did before, so the limited clients have moved");
        }
        else
        {
            var why = Doubt(observation, unexplained);
            yield return Say(observation, why is null ? Verdict.Failed : Verdict.Inconclusive, comparison, explained, why is null ? "" : $": {why}");
        }
    }

    private static string? Doubt(Observation observation, double unexplained)
    {
        if (!observation.HasTrafficX)
        {
            return "X has no traffic to tell whether clients ask for more";
        }

        if (observation.RiseOf(Kind).Where.Count == 0 || Together(observation) is { IsWorse: false })
        {
            return "luck may still explain it";
        }

        if (observation.Reference is { } before && RateComparison.Of(before.X, observation.WindowX.Tally, Kind, observation.Thresholds.ErrorRatePoints / 100, 1) is { IsWorse: true })
        {
            return "X rejects more than before as well";
        }

        var (acceptedX, acceptedY) = (Accepted(observation.X.SinceStart), Accepted(observation.Y.SinceStart));
        var share = (acceptedX + acceptedY) * observation.LeastWeightY / 100;
        return acceptedY > share * (1 - (unexplained * Missing)) ? "Y accepts its share of the traffic, so its clients ask for more" : null;
    }

    // Both clusters now beside X as it was before; null when too little is remembered.
    private static RateComparison? Together(Observation observation)
    {
        if (observation.Reference is not { } before || before.X.Total < observation.Thresholds.MinimumSamples)
        {
            return null;
        }

        var both = TrafficTally.Sum(observation.HasTrafficX ? [observation.X.SinceStart, observation.Y.SinceStart] : [observation.Y.SinceStart]);
        var rate = RateLimits.Under(before.X.Count(Kind) / before.X.Total, observation.LimitPressureSinceBefore);
        return RateComparison.Of(rate, before.X.Total, both.Count(Kind), both.Total, observation.Thresholds.ErrorRateFloor / 100);
    }

    private static double Accepted(TrafficTally tally) => tally.Total - tally.Count(Kind);

    private static Finding Say(Observation observation, Verdict verdict, RateComparison comparison, double explained, string why)
    {
        var unexplained = Math.Max(0, comparison.RateY - explained);
        var finding = Finding.Of(
            Kind.Indicator,
            verdict,
            $"429 on Y {comparison.RateY:P1} of {comparison.RequestsY:0} requests, on X {comparison.RateX:P1} of {comparison.RequestsX:0}; "
                + $"the split explains up to {explained:P1} ({observation.Limits.Basis}), {unexplained:P1} is unexplained{why}.",
            comparison.RateX * 100,
            comparison.RateY * 100,
            verdict == Verdict.Failed ? BadSince(observation, explained) : null);
        return finding with { Evidence = finding.Evidence with { SamplesX = (long)comparison.RequestsX, SamplesY = (long)comparison.RequestsY } };
    }

    private static TimeSpan? BadSince(Observation observation, double explained) =>
        observation.Y.Ticks.FirstOrDefault(t => t.Tally.Count(Kind) > t.Tally.Total * explained)?.Began;
}

using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Is the share of a status code that clients cause also on a healthy cluster higher on Y than on X?</summary>
/// <remarks>
/// Compared at the same time, over the window and since the step began. A rise counts when it is larger than permitted
/// and luck cannot explain it. X is weighted with Y's mix of routes: a sticky split gives the two sides different clients.
/// </remarks>
/// <param name="name">The indicator's name.</param>
/// <param name="label">What people call the codes.</param>
/// <param name="codes">Which codes.</param>
public sealed class CodeRate(string name, string label, Func<int, bool> codes) : IIndicator
{
    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var window = Compare(observation, observation.WindowX.Tally, observation.WindowY.Tally, codes);
        var whole = Compare(observation, observation.X.SinceStart, observation.Y.SinceStart, codes);
        var worst = window is { IsWorse: true } ? window : whole is { IsWorse: true } ? whole : null;
        if (worst is not null)
        {
            yield return Say(Verdict.Failed, worst, BadSince(observation, worst));
        }
        else if (whole is null)
        {
            yield return Finding.Of(name, Verdict.Inconclusive, $"Too few requests to compare {label} on Y and X.");
        }
        else
        {
            var suspicious = IsSuspicious(observation, whole) ? whole : IsSuspicious(observation, window) ? window : null;
            yield return suspicious is null ? Say(Verdict.Passed, whole, null) : Say(Verdict.Inconclusive, suspicious, null);
        }
    }

    // With traffic on X, time settles whether a rise is real. What is remembered of X grows no more: a rare route that always answers 401
    // and was hardly seen on X would keep a healthy Y undecided for ever.
    private static bool IsSuspicious(Observation observation, RateComparison? comparison) =>
        comparison is { IsOver: true } && !(!observation.HasTrafficX && comparison.IsOrdinary);

    private Finding Say(Verdict verdict, RateComparison comparison, TimeSpan? badSince) => Finding.Of(
        name,
        verdict,
        $"{label} on Y {comparison.RateY:P1} of {comparison.RequestsY:0} requests, on X {comparison.RateX:P1} of {comparison.RequestsX:0}.",
        comparison.RateX * 100,
        comparison.RateY * 100,
        badSince);

    /// <summary>Compares Y with X at the same time, or with what is remembered of X where X has too little traffic left; null when too few requests are known.</summary>
    internal static RateComparison? Compare(Observation observation, TrafficTally x, TrafficTally y, Func<int, bool> codes) =>
        RateComparison.Of(MeasureOf(observation, x, y), y, codes, observation.Thresholds.ErrorRatePoints / 100, observation.Thresholds.MinimumSamples);

    /// <summary>What Y is measured by.</summary>
    internal static TrafficTally MeasureOf(Observation observation, TrafficTally x, TrafficTally y) =>
        !observation.HasTrafficX ? observation.Reference?.X ?? new TrafficTally()
        : x.Total < y.Total && observation.Reference is { } reference ? TrafficTally.Sum([x, reference.X])
        : x;

    private TimeSpan? BadSince(Observation observation, RateComparison comparison) => observation.Y.Ticks
        .FirstOrDefault(t => t.Tally.Count(codes) > t.Tally.Total * (comparison.RateX + (observation.Thresholds.ErrorRatePoints / 100)))?.Began;
}

using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Does Y give a kind of answer more often than X?</summary>
/// <remarks>
/// Failed by evidence that may be looked at every second (<see cref="RiseEvidence"/>), over all traffic, on one route or for one service, where the rise is above the floor.
/// To pass the bar is another one: a rise since the step began that is larger than permitted is no evidence of health, however easily luck explains it. The window holds a
/// step for what has just begun; of few requests every second window shows such a rise by luck, and waiting for a lucky one would prove nothing.
/// </remarks>
/// <param name="kind">Which answers.</param>
public sealed class RateRise(AnswerKind kind) : IIndicator
{
    private const double HalfOf = 0.5;

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        if (!observation.Tells(kind))
        {
            yield return Finding.NotCompared(kind.Indicator, $"{kind.Label} are not compared: Kong 2 does not say who made an answer.");
            yield break;
        }

        var found = observation.RiseOf(kind).Where.Select(scope => (Scope: scope, Rise: Rise(observation, scope))).Where(static f => f.Rise is { IsOver: true }).ToList();
        if (found.Count > 0 && IsLargeEnough(observation, found[0].Scope, found[0].Rise!))
        {
            yield return Failed(observation, found[0].Scope, found[0].Rise!);
            yield break;
        }

        var whole = Compare(observation, observation.X.SinceStart, observation.Y.SinceStart, kind);
        if (found.Count > 0)
        {
            yield return Say(observation, Verdict.Inconclusive, found[0].Scope, found[0].Rise!, "; too few of all requests to fail the step");
        }
        else if (whole is null)
        {
            yield return Finding.Of(kind.Indicator, Verdict.Inconclusive, $"Too few requests to compare {kind.Label} on Y and X.");
        }
        else
        {
            var window = Compare(observation, observation.WindowX.Tally, observation.WindowY.Tally, kind);
            var suspicious = IsSuspicious(observation, whole) ? whole : window is { IsOver: true } && !IsOrdinary(observation, window) ? window : null;
            yield return Say(observation, suspicious is null ? Verdict.Passed : Verdict.Inconclusive, Scope.All, suspicious ?? whole, "");
        }
    }

    /// <summary>Compares Y with X at the same time, or with what is remembered of X where X has too little traffic left; null when too few requests are known.</summary>
    internal static RateComparison? Compare(Observation observation, TrafficTally x, TrafficTally y, AnswerKind kind) =>
        RateComparison.Of(MeasureOf(observation, x, y), y, kind, observation.Thresholds.ErrorRatePoints / 100, observation.Thresholds.MinimumSamples);

    /// <summary>What Y is measured by.</summary>
    internal static TrafficTally MeasureOf(Observation observation, TrafficTally x, TrafficTally y) =>
        !observation.HasTrafficX ? observation.Reference?.X ?? new TrafficTally()
        : x.Total < y.Total && observation.Reference is { } reference ? TrafficTally.Sum([x, reference.X])
        : x;

    // Clients cause some codes by themselves: one that always fails and is moved to Y is no fault of Y, and is not among many requests.
    private double Floor(Observation observation) => (kind.IsOfServer ? observation.Thresholds.ErrorRateFloor : observation.Thresholds.ErrorRatePoints) / 100;

    private bool IsLargeEnough(Observation observation, Scope scope, RateComparison rise) =>
        kind.IsOfServer || scope == Scope.All
        || (rise.RateY - rise.RateX) * rise.RequestsY >= observation.Thresholds.ErrorRateFloor / 100 * Math.Max(observation.WindowY.Tally.Total, rise.RequestsY);

    // With traffic on X, time settles whether a rise is real. What is remembered of X grows no more: a rare route that always answers 401
    // and was hardly seen on X would keep a healthy Y undecided for ever.
    private bool IsSuspicious(Observation observation, RateComparison comparison) =>
        comparison.IsOver && (kind.IsOfServer || observation.HasTrafficX || !comparison.IsOrdinary);

    // The few requests of X's own window leave room for much luck: X since the step began must leave it as well.
    private bool IsOrdinary(Observation observation, RateComparison window) =>
        window.IsOrdinaryWindow && Compare(observation, observation.X.SinceStart, observation.WindowY.Tally, kind) is { IsOrdinaryWindow: true };

    private Finding Failed(Observation observation, Scope scope, RateComparison rise)
    {
        var bar = rise.RateX + Floor(observation);
        var badSince = observation.Y.Ticks.FirstOrDefault(t => t.Tally.Count(kind) > t.Tally.Total * bar)?.Began;
        var worst = scope == Scope.All ? WorstRoute(observation) : scope;
        var where = worst != scope ? $"; most of them are{worst}" : "";
        var finding = Say(observation, Verdict.Failed, scope, rise, where + Origins(observation, scope) + SickNode(observation));
        return finding with { BadSince = badSince, Evidence = finding.Evidence with { Route = RouteOf(worst) } };
    }

    private Finding Say(Observation observation, Verdict verdict, Scope scope, RateComparison comparison, string more)
    {
        var band = RateBand.Of(comparison);
        var finding = Finding.Of(
            kind.Indicator,
            verdict,
            $"{kind.Label} on Y {comparison.RateY:P1} of {comparison.RequestsY:0} requests{scope}, on X {comparison.RateX:P1} of {comparison.RequestsX:0}{more}.",
            comparison.RateX * 100,
            comparison.RateY * 100);
        return finding with
        {
            Evidence = finding.Evidence with
            {
                Route = RouteOf(scope),
                Low = Math.Round(band.Low * 100, 4),
                High = Math.Round(band.High * 100, 4),
                SamplesX = (long)comparison.RequestsX,
                SamplesY = (long)comparison.RequestsY,
            },
        };
    }

    private static string? RouteOf(Scope scope) => scope.Route is null ? null : scope.Name;

    // In the window or since the step began: a fault that has just begun is thin in the whole, an old one may pause in the window.
    private RateComparison? Rise(Observation observation, Scope scope)
    {
        var window = Over(observation, observation.WindowX.Tally, observation.WindowY.Tally, scope);
        return window is { IsOver: true } ? window : Over(observation, observation.X.SinceStart, observation.Y.SinceStart, scope);
    }

    private RateComparison? Over(Observation observation, TrafficTally x, TrafficTally y, Scope scope)
    {
        var measure = MeasureOf(observation, x, y);
        return RateComparison.Of(measure.Only(scope.Contains), y.Only(scope.Contains), kind, Floor(observation), minimum: 1);
    }

    // The one route that has more than half of all hits on Y; all traffic where there is none.
    private Scope WorstRoute(Observation observation)
    {
        var tally = observation.WindowY.Tally;
        var worst = tally.Requests.Where(r => kind.Includes(r.Key)).GroupBy(static r => new Scope(r.Key.Service, r.Key.Route), static r => r.Value).MaxBy(static r => r.Sum());
        return worst is not null && worst.Sum() > HalfOf * tally.Count(kind) ? worst.Key : Scope.All;
    }

    private string Origins(Observation observation, Scope scope)
    {
        var hits = observation.Y.SinceStart.Requests.Where(r => kind == AnswerKind.ServerErrors && kind.Includes(r.Key) && scope.Contains(r.Key)).ToList();
        var gateway = hits.Where(static r => r.Key.Origin == AnswerOrigin.Gateway).Sum(static r => r.Value);
        var service = hits.Where(static r => r.Key.Origin == AnswerOrigin.Service).Sum(static r => r.Value);
        return gateway + service > 0 ? $"; {gateway:0} were made by the gateway, {service:0} by the services behind it" : "";
    }

    private string SickNode(Observation observation) =>
        kind.IsOfServer && NodeErrors.Sick(observation.Y.Nodes, observation.Thresholds) is { } sick ? $"; {sick.Text}" : "";
}

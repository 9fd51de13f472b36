using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Does Y answer 5xx more often than X?</summary>
/// <remarks>
/// Failed by evidence that may be looked at every second (<see cref="RiseEvidence"/>), over all routes or on one, where the rise is above the floor.
/// To pass the bar is another one: a rise that is larger than permitted is no evidence of health, however easily luck explains it.
/// </remarks>
public sealed class ServerErrorRate : IIndicator
{
    private const string Name = "error-rate";

    /// <summary>Whether a code is an error of the server or of the gateway.</summary>
    public static bool IsServerError(int code) => code is >= 500 and <= 599;

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var whole = CodeRate.Compare(observation, observation.X.SinceStart, observation.Y.SinceStart, IsServerError);
        var window = CodeRate.Compare(observation, observation.WindowX.Tally, observation.WindowY.Tally, IsServerError);
        if (observation.ServerErrors.Together && Rise(observation, null) is { IsOver: true } rise)
        {
            yield return Failed(observation, rise, "");
            yield break;
        }

        foreach (var route in observation.ServerErrors.Routes)
        {
            if (Rise(observation, route) is { IsOver: true } onRoute)
            {
                yield return Failed(observation, onRoute, $" of route {route}");
                yield break;
            }
        }

        if (whole is null)
        {
            yield return Finding.Of(Name, Verdict.Inconclusive, "Too few requests to compare 5xx on Y and X.");
        }
        else
        {
            var suspicious = whole.IsOver ? whole : window is { IsOver: true } ? window : null;
            yield return Finding.Of(
                Name, suspicious is null ? Verdict.Passed : Verdict.Inconclusive, Text(suspicious ?? whole, ""), (suspicious ?? whole).RateX * 100, (suspicious ?? whole).RateY * 100);
        }
    }

    private static Finding Failed(Observation observation, RateComparison rise, string where)
    {
        var bar = rise.RateX + (observation.Thresholds.ErrorRateFloor / 100);
        var badSince = observation.Y.Ticks.FirstOrDefault(t => t.Tally.Count(IsServerError) > t.Tally.Total * bar)?.Began;
        return Finding.Of(Name, Verdict.Failed, Text(rise, where), rise.RateX * 100, rise.RateY * 100, badSince);
    }

    private static string Text(RateComparison comparison, string where) =>
        $"5xx on Y {comparison.RateY:P1} of {comparison.RequestsY:0} requests{where}, on X {comparison.RateX:P1} of {comparison.RequestsX:0}.";

    // In the window or since the step began: a fault that has just begun is thin in the whole, an old one may pause in the window.
    private static RateComparison? Rise(Observation observation, RouteName? route)
    {
        var window = Over(observation, observation.WindowX.Tally, observation.WindowY.Tally, route);
        return window is { IsOver: true } ? window : Over(observation, observation.X.SinceStart, observation.Y.SinceStart, route);
    }

    private static RateComparison? Over(Observation observation, TrafficTally x, TrafficTally y, RouteName? route)
    {
        var measure = CodeRate.MeasureOf(observation, x, y);
        return RateComparison.Of(Of(measure, route), Of(y, route), IsServerError, observation.Thresholds.ErrorRateFloor / 100, minimum: 1);
    }

    private static TrafficTally Of(TrafficTally tally, RouteName? route) => route is { } name ? tally.Only(k => k.Service == name.Service && k.Route == name.Route) : tally;
}

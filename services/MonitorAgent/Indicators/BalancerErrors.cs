using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Do clients fare worse on Y in the eyes of the load balancer? Only it sees requests that never reach Kong, and answers to requests that had no route.</summary>
/// <remarks>
/// Failed by evidence that may be looked at every second (<see cref="BalancerEvidence"/>), where the rise is above the floor.
/// A declared balancer that cannot be read, or whose counters stand still while Kong's rise, is a finding: nobody declares one to do without it.
/// </remarks>
public sealed class BalancerErrors : IIndicator
{
    private const string Name = "balancer-errors";

    // Below this many requests a window without any may be chance; above the second bound it is not.
    private const double FewRequests = 20;
    private const double ManyRequests = 50;

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        if (observation.Balancer is not { } balancer)
        {
            return [];
        }

        if (Blind(observation, balancer) is { } blind)
        {
            return [blind];
        }

        return observation.HasTrafficY
            ? BalancerKind.All.Select(kind => Compare(observation, balancer, kind))
            : [Finding.Of(Name, Verdict.Passed, "The load balancer's counters are read.")];
    }

    private static Finding? Blind(Observation observation, BalancerView balancer)
    {
        var blindAfter = observation.Thresholds.BlindAfter;
        if (observation.Elapsed - (balancer.Now.ReadAt ?? TimeSpan.Zero) > blindAfter)
        {
            return Finding.Of(Name, Verdict.Errored, $"No counters of the load balancer for more than {blindAfter.TotalSeconds:0.#} s ({balancer.Now.Problem ?? "no answer"}).");
        }

        if (balancer.Now.ReadAt is null)
        {
            return Finding.Of(Name, Verdict.Inconclusive, $"The load balancer has not been read yet{(balancer.Now.Problem is { } problem ? $" ({problem})" : "")}.");
        }

        if (!observation.HasTrafficY || observation.Elapsed < observation.Thresholds.Window)
        {
            return null;
        }

        var (x, y) = balancer.After(observation.WindowStart);
        return Still("Y", y, observation.WindowY.Tally) ?? (observation.HasTrafficX ? Still("X", x, observation.WindowX.Tally) : null);
    }

    private static Finding? Still(string side, BalancerTally seen, TrafficTally counted) => seen.Attempts() > 0 || counted.Total < FewRequests
        ? null
        : Finding.Of(
            Name,
            counted.Total >= ManyRequests ? Verdict.Errored : Verdict.Inconclusive,
            $"The load balancer counted no answer of cluster {side} in the window, Kong {counted.Total:0}: these are not the counters of the balancer that clients use.");

    private static Finding Compare(Observation observation, BalancerView balancer, BalancerKind kind)
    {
        if (!kind.IsOfServer && observation.Limits.Limiters is not { Count: 0 } && observation.Y.SinceStart.Count(AnswerKind.RateLimited) > 0)
        {
            return Finding.NotCompared(Name, "4xx are not compared at the load balancer: it does not tell requests over a limit from others, and a split changes how many there are.");
        }

        var (windowX, windowY) = balancer.After(observation.WindowStart);
        var floor = FloorOf(observation, kind);
        var permitted = observation.Thresholds.ErrorRatePoints / 100;
        if (balancer.Rises.Contains(kind))
        {
            var found = new[] { (X: windowX, Y: windowY), (balancer.X, balancer.Y) }
                .Select(span => Rise(observation, kind, span.X, span.Y, floor, minimum: 1))
                .FirstOrDefault(static c => c is { IsOver: true });
            if (found is not null)
            {
                return Say(Verdict.Failed, kind, found, More(kind, balancer.Y)) with { BadSince = BadSince(balancer, kind, found.RateX + floor) };
            }
        }

        var whole = Rise(observation, kind, balancer.X, balancer.Y, permitted, observation.Thresholds.MinimumSamples);
        if (whole is null)
        {
            return Finding.Of(Name, Verdict.Inconclusive, $"Too few requests at the load balancer to compare {kind.Label} on Y and X.");
        }

        var suspicious = IsSuspicious(observation, kind, whole) ? whole : Suspicious(observation, balancer, kind, (windowX, windowY), permitted);
        return Say(suspicious is null ? Verdict.Passed : Verdict.Inconclusive, kind, suspicious ?? whole, "");
    }

    // What is remembered of X grows no more, so time cannot settle whether a rise against it is real.
    private static bool IsSuspicious(Observation observation, BalancerKind kind, RateComparison whole) =>
        whole.IsOver && (kind.IsOfServer || observation.HasTrafficX || !whole.IsOrdinary);

    // As with Kong's own counters: X's few requests of the window leave room for much luck, X since the step began must leave it as well.
    private static RateComparison? Suspicious(Observation observation, BalancerView balancer, BalancerKind kind, (BalancerTally X, BalancerTally Y) window, double permitted)
    {
        var minimum = observation.Thresholds.MinimumSamples;
        return Rise(observation, kind, window.X, window.Y, permitted, minimum) is { IsOver: true } rise
            && !(rise.IsOrdinaryWindow && Rise(observation, kind, balancer.X, window.Y, permitted, minimum) is { IsOrdinaryWindow: true })
            ? rise
            : null;
    }

    // Clients cause some 4xx by themselves: one that always fails and is moved to Y is no fault of Y.
    private static double FloorOf(Observation observation, BalancerKind kind) =>
        (kind.IsOfServer ? observation.Thresholds.ErrorRateFloor : observation.Thresholds.ErrorRatePoints) / 100;

    private static RateComparison? Rise(Observation observation, BalancerKind kind, BalancerTally x, BalancerTally y, double permitted, int minimum)
    {
        var remembered = observation.Reference?.Balancer;
        var measure = !observation.HasTrafficX ? remembered ?? BalancerTally.None : x.Answers < y.Answers && remembered is not null ? x.Plus(remembered) : x;
        var ((hitsX, trialsX), (hitsY, trialsY)) = (kind.Of(measure), kind.Of(y));
        var least = Math.Max(1, minimum);
        return trialsX < least || trialsY < least ? null : RateComparison.Of(hitsX / trialsX, trialsX, hitsY, trialsY, permitted);
    }

    private static Finding Say(Verdict verdict, BalancerKind kind, RateComparison comparison, string more)
    {
        var band = RateBand.Of(comparison);
        var finding = Finding.Of(
            Name,
            verdict,
            $"The load balancer saw {kind.Label} on Y in {comparison.RateY:P1} of {comparison.RequestsY:0} {kind.Trials}, on X in {comparison.RateX:P1} of {comparison.RequestsX:0}{more}.",
            comparison.RateX * 100,
            comparison.RateY * 100);
        return finding with
        {
            Evidence = finding.Evidence with
            {
                Low = Math.Round(band.Low * 100, 4),
                High = Math.Round(band.High * 100, 4),
                SamplesX = (long)comparison.RequestsX,
                SamplesY = (long)comparison.RequestsY,
            },
        };
    }

    private static string More(BalancerKind kind, BalancerTally y) => kind.IsOfServer && y.FailedAttempts() > 0
        ? $"; on Y {y.ConnectionErrors:0} requests got no connection, {y.ResponseErrors:0} no whole answer, {y.Retries + y.Redispatches:0} attempts were repeated"
        : "";

    private static TimeSpan? BadSince(BalancerView balancer, BalancerKind kind, double bar) =>
        balancer.Ticks.FirstOrDefault(t => kind.Of(t.Seen.Y) is var (hits, trials) && hits > trials * bar) is { } tick ? tick.At - tick.Length : null;
}

using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Is Y slower than X by its own fault?</summary>
/// <remarks>
/// Failed by evidence that may be looked at every second, where the rise is larger than permitted beyond luck (<see cref="LatencyComparison"/>). While the upstream
/// services are slow for both sides nothing is blamed on Y: a gateway that waits long for everything is slow in other ways too.
/// </remarks>
/// <param name="name">The indicator's name.</param>
/// <param name="label">What people call it, with a verb.</param>
/// <param name="select">Which of the latencies.</param>
public sealed class Latency(string name, string label, Func<LatencyFound, LatencyFinding> select) : IIndicator
{
    /// <summary>What Kong adds.</summary>
    public static Latency Gateway { get; } = new("latency", "Kong adds", static f => f.Gateway);

    /// <summary>Whole requests, less what the upstream services explain.</summary>
    public static Latency Total { get; } = new("latency-total", "Outside the upstream services requests take", static f => f.Total);

    /// <summary>The control: what the upstream services take, as each side reaches them.</summary>
    public static Latency Upstream { get; } = new("latency-upstream", "The upstream services take", static f => f.Upstream);

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var (found, least) = (select(observation.Latency), observation.Thresholds.MinimumSamples);
        if (found.Breach is { } breach)
        {
            yield return observation.Latency.SharedCause
                ? Say(observation, Verdict.Inconclusive, breach, "Shared cause, the upstream services are slow for both clusters: ", null)
                : Say(observation, Verdict.Failed, breach, "", observation.Elapsed - found.BreachLength);
        }
        else if (this == Upstream && (found.Whole?.SamplesY ?? 0) < least && observation.Latency.Requests is { } requests && requests.SamplesX >= least && requests.SamplesY >= least)
        {
            // Only a control, and where plugins answer by themselves there is nothing to control.
            yield return Finding.Of(name, Verdict.Passed, "Hardly any of the compared requests went to an upstream service.");
        }
        else if (found.Whole is not { } whole || whole.SamplesX < least || whole.SamplesY < least)
        {
            yield return Finding.Of(name, Verdict.Inconclusive, $"Too few requests to compare latency on Y and X ({label}).");
        }
        else if (observation.Latency.SharedCause && this == Upstream)
        {
            yield return Say(observation, Verdict.Inconclusive, whole, "Shared cause, the upstream services are slow for both clusters: ", null);
        }
        else
        {
            yield return Say(observation, found.IsOver ? Verdict.Inconclusive : Verdict.Passed, whole, "", null);
        }
    }

    private Finding Say(Observation observation, Verdict verdict, LatencyRise rise, string why, TimeSpan? badSince)
    {
        var message = $"{why}{label} {Text(rise)}.";
        if (this == Total && observation.Latency.Requests is { } requests)
        {
            message += $" In all they take {Text(requests)}.";
        }

        var finding = Finding.Of(name, verdict, message, rise.MeanX, rise.MeanY, badSince);
        return finding with { Evidence = finding.Evidence with { Low = Finite(rise.Low), High = Finite(rise.High), SamplesX = rise.SamplesX, SamplesY = rise.SamplesY } };
    }

    private static string Text(LatencyRise rise) =>
        $"{rise.MeanY:0.#} ms on Y, {rise.MeanX:0.#} ms on X{string.Concat(rise.Quantiles.Select(static q => $"; {q.Share * 100:0} % within {q.Y:0.#} and {q.X:0.#} ms"))}";

    private static double? Finite(double value) => double.IsFinite(value) ? Math.Round(value, 4) : null;
}

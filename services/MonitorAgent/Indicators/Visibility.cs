using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Is there anything to judge from? Metrics that vanish, stand still or are incomplete must never look like health.</summary>
public sealed class Visibility : IIndicator
{
    private const string Name = "visibility";

    // Below this many requests a window without any may be chance; above the second bound it is not.
    private const double FewRequests = 20;
    private const double ManyRequests = 50;

    // One may be two readings within the same moment of a node that stopped.
    private const int LeastStill = 3;

    // Below this share a sticky split of few clients may really send none.
    private const int SurelyServed = 10;

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        yield return JudgeSide("Y", observation.Y, observation, FlowOfY(observation));
        if (observation.NeedsX)
        {
            yield return JudgeSide("X", observation.X, observation, FlowOfX(observation));
        }
    }

    private static Finding JudgeSide(string side, SideView view, Observation observation, Finding? flow)
    {
        var blindAfter = observation.Thresholds.BlindAfter;
        var unread = view.Nodes.Where(n => observation.Elapsed - (n.ReadAt ?? TimeSpan.Zero) > blindAfter).ToArray();
        if (unread.Length > 0)
        {
            return Finding.Of(Name, Verdict.Errored, $"Cluster {side}: no metrics of {unread[0].Name} for more than {blindAfter.TotalSeconds:0.#} s ({unread[0].Problem ?? "no answer"}).");
        }

        if (view.Nodes.Any(static n => n.ReadAt is null))
        {
            return Finding.Of(Name, Verdict.Inconclusive, $"Cluster {side}: not every node has been read yet.");
        }

        var needed = side == "X" && !observation.HasTrafficX ? MetricFamilies.NginxRequests : SideView.NeededFamilies;
        if ((view.Missing & needed) is not MetricFamilies.None and var missing)
        {
            return Finding.Of(Name, observation.Elapsed > blindAfter ? Verdict.Errored : Verdict.Inconclusive, Missing(side, missing));
        }

        if (view.Nodes.FirstOrDefault(static n => n.StillInRow >= LeastStill) is { } still)
        {
            return Finding.Of(
                Name,
                Verdict.Errored,
                $"Cluster {side}: the counters of {still.Name} stand still, in {still.StillInRow} readings not even those readings were counted: its metrics are a copy or another process's.");
        }

        if (view.Nodes.FirstOrDefault(static n => n.SeriesMoved == false) is { } unproven)
        {
            return Finding.Of(
                Name,
                observation.Elapsed > blindAfter ? Verdict.Errored : Verdict.Inconclusive,
                $"Cluster {side}: it is not proven that the metrics of {unproven.Name} count its clients: {unproven.Unproven}.");
        }

        var errors = (side == "X" ? observation.WindowX : observation.WindowY).Tally.MetricErrors;
        if (errors > 0)
        {
            return Finding.Of(Name, Verdict.Errored, $"Cluster {side} lost {errors:0} metric samples (kong_nginx_metric_errors_total): its counters are not reliable.");
        }

        return flow ?? Finding.Of(Name, Verdict.Passed, $"The metrics of cluster {side} are complete.");
    }

    private static string Missing(string side, MetricFamilies missing) =>
        $"Cluster {side} does not expose {missing}. Kong 3 counts only with status_code_metrics and latency_metrics of the prometheus plugin, and only from the first request on.";

    private static Finding? FlowOfY(Observation observation)
    {
        if (!observation.HasTrafficY || observation.Elapsed < observation.Thresholds.Window)
        {
            return null;
        }

        var seen = observation.WindowY;
        var expected = observation.HasTrafficX
            ? observation.WindowX.Tally.Total * observation.LeastWeightY / (100 - observation.LeastWeightY)
            : RememberedRate(observation) * seen.Length.TotalSeconds;
        return Flow("Y", seen.Tally, expected, observation.LeastWeightY);
    }

    private static Finding? FlowOfX(Observation observation)
    {
        if (!observation.HasTrafficX || !observation.HasTrafficY || observation.Elapsed < observation.Thresholds.Window)
        {
            return null;
        }

        var expected = observation.WindowY.Tally.Total * (100 - observation.WeightY) / observation.WeightY;
        return Flow("X", observation.WindowX.Tally, expected, 100 - observation.WeightY);
    }

    private static Finding? Flow(string side, TrafficTally seen, double expected, int weight)
    {
        if (seen.Total > 0 || expected < FewRequests)
        {
            return null;
        }

        var verdict = expected >= ManyRequests && weight >= SurelyServed ? Verdict.Errored : Verdict.Inconclusive;
        return Finding.Of(Name, verdict, $"Cluster {side} counted no request in the window, about {expected:0} were expected.");
    }

    private static double RememberedRate(Observation observation) =>
        observation.Reference is { Length.TotalSeconds: > 0 } reference ? reference.X.Total / reference.Length.TotalSeconds : 0;
}

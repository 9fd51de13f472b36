using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>The difference between two samples of one node, right also when the node was restarted between them.</summary>
public static class CounterDelta
{
    /// <summary>What happened from <paramref name="before"/> to <paramref name="now"/>.</summary>
    /// <param name="before">The older sample.</param>
    /// <param name="now">The newer sample.</param>
    /// <param name="ownRequests">Requests that we sent to the node in between.</param>
    public static TrafficTally Between(NodeSample before, NodeSample now, double ownRequests)
    {
        var nginxFell = now.NginxRequests < before.NginxRequests;
        var (requestsBefore, requestsNow) = (before.CountRequests(), now.CountRequests());
        var requestsFell = requestsNow < requestsBefore;
        var anew = requestsFell && (nginxFell || CounterReset.IsBetween(requestsBefore, requestsNow));
        var delta = new TrafficTally();
        foreach (var (key, count) in now.Requests)
        {
            delta.AddRequests(key, CounterReset.GainOf(anew ? 0 : before.Requests.GetValueOrDefault(key), count));
        }

        delta.AddLatency(
            Difference(anew ? default : before.RequestLatency, now.RequestLatency),
            Difference(anew ? default : before.UpstreamLatency, now.UpstreamLatency));

        AddLatencies(delta, anew ? null : before, now);

        // nginx counts a request when it comes, Kong when it has been answered: take out what is between the two.
        // Where only one of the two counters fell they cannot be compared, and nothing may be read into the gap.
        var restarted = nginxFell && requestsFell;
        var nginx = nginxFell != requestsFell
            ? delta.Total
            : CounterReset.GainOf(restarted ? 0 : before.NginxRequests, now.NginxRequests) - (now.InFlight - (restarted ? 0 : before.InFlight)) - ownRequests;
        delta.AddNginx(nginx, CounterReset.GainOf(restarted ? 0 : before.MetricErrors, now.MetricErrors));
        return delta;
    }

    /// <summary>Whether the newer sample lacks counters that the older one had although the node went on running.</summary>
    public static bool HasGap(NodeSample before, NodeSample now)
    {
        var lost = before.Families & ~now.Families & SideView.NeededFamilies;
        var restarted = now.Has(MetricFamilies.NginxRequests) && now.NginxRequests < before.NginxRequests;
        return lost != MetricFamilies.None && !restarted;
    }

    private static void AddLatencies(TrafficTally delta, NodeSample? before, NodeSample now)
    {
        foreach (var (route, latency) in now.Latencies)
        {
            delta.AddLatency(route, latency.Since(before?.Latencies.GetValueOrDefault(route)));
        }

        if (now.Latencies.Count == 0)
        {
            var total = RouteLatency.OfTotals(now.KongLatency, now.RequestLatency, now.UpstreamLatency);
            delta.AddLatency(default, total.Since(before is null ? null : RouteLatency.OfTotals(before.KongLatency, before.RequestLatency, before.UpstreamLatency)));
        }
    }

    // A clock that is set back on the node makes latencies negative: their sum may fall while requests are counted.
    private static LatencyTotal Difference(LatencyTotal before, LatencyTotal now) =>
        CounterReset.IsBetween(before.Count, now.Count) ? now : new LatencyTotal(Math.Max(0, now.Milliseconds - before.Milliseconds), Math.Max(0, now.Count - before.Count));
}

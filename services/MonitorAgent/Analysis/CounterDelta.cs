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
        // One counter alone may not tell: after a restart a busy counter can have overtaken its old value within a second.
        var restarted = now.NginxRequests < before.NginxRequests || now.CountRequests() < before.CountRequests();
        var delta = new TrafficTally();
        foreach (var (key, count) in now.Requests)
        {
            delta.AddRequests(key, Difference(restarted ? 0 : before.Requests.GetValueOrDefault(key), count));
        }

        delta.AddLatency(
            Difference(restarted ? default : before.RequestLatency, now.RequestLatency),
            Difference(restarted ? default : before.UpstreamLatency, now.UpstreamLatency));

        // nginx counts a request when it comes, Kong when it has been answered: take out what is between the two.
        var nginx = Difference(restarted ? 0 : before.NginxRequests, now.NginxRequests);
        var inFlight = now.InFlight - (restarted ? 0 : before.InFlight);
        delta.AddNginx(nginx - inFlight - ownRequests, Difference(restarted ? 0 : before.MetricErrors, now.MetricErrors));
        return delta;
    }

    private static double Difference(double before, double now) => now >= before ? now - before : now;

    private static LatencyTotal Difference(LatencyTotal before, LatencyTotal now) =>
        now.Count >= before.Count && now.Milliseconds >= before.Milliseconds
            ? new LatencyTotal(now.Milliseconds - before.Milliseconds, now.Count - before.Count)
            : now;
}

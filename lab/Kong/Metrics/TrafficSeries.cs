using System.Collections.Concurrent;

namespace KongUpgradeMesh.Lab.StandInKong.Metrics;

/// <summary>All counters of one service and route.</summary>
internal sealed class TrafficSeries(LatencyHistogram kong, LatencyHistogram upstream, LatencyHistogram request)
{
    public ConcurrentDictionary<(int Code, string Source, string Consumer), Counter> Statuses { get; } = new();

    public ConcurrentDictionary<(string Direction, string Consumer), Counter> Bandwidth { get; } = new();

    public LatencyHistogram Kong { get; } = kong;

    public LatencyHistogram Upstream { get; } = upstream;

    public LatencyHistogram Request { get; } = request;
}

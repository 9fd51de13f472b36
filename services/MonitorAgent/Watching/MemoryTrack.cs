using System.Runtime.InteropServices;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>Follows the memory of one node in few points, however long it takes: when there are too many, every second one goes.</summary>
internal sealed class MemoryTrack
{
    private const int MostPoints = 60;

    // What has not grown by so much needs no slope, and sorting pairs for hundreds of nodes is not free.
    private const double WorthALook = 1.05;

    // Caches grow until they are full, by design.
    private const string Cache = "cache";

    private readonly Dictionary<string, List<(double Seconds, double Bytes)>> _kinds = [];
    private TimeSpan _spacing = TimeSpan.FromSeconds(1);
    private TimeSpan? _lastAt;

    /// <summary>What is known now.</summary>
    public IReadOnlyList<MemoryTrend> Trends { get; private set; } = [];

    /// <summary>Takes what a reading said, if it is time for a point.</summary>
    /// <param name="sample">The reading.</param>
    /// <param name="at">When, since the watch began.</param>
    /// <param name="restarted">Whether the node began anew.</param>
    public void Record(NodeSample sample, TimeSpan at, bool restarted)
    {
        if (restarted)
        {
            _kinds.Clear();
            (_lastAt, Trends) = (null, []);
        }

        if (at - _lastAt < _spacing)
        {
            return;
        }

        _lastAt = at;
        var kinds = sample.SharedMemory.Where(static s => !s.Key.Contains(Cache, StringComparison.Ordinal)).Select(static s => (Name: s.Key, s.Value)).ToList();
        if (sample.Has(MetricFamilies.WorkerMemory))
        {
            kinds.Add((MemoryTrend.Workers, new SharedMemory(sample.WorkerMemoryBytes, 0)));
        }

        Trends = [.. kinds.Select(kind => Trend(kind.Name, kind.Value, at)).Where(IsWorthSaying)];
        if (_kinds.Values.Any(static points => points.Count >= MostPoints))
        {
            Thin();
        }
    }

    // Every reading is recorded: dictionaries that neither grow nor are near their end would be most of it.
    private static bool IsWorthSaying(MemoryTrend trend) => trend.Name == MemoryTrend.Workers || trend.BytesPerSecond > 0 || trend.LastBytes > trend.CapacityBytes / 2;

    private MemoryTrend Trend(string name, SharedMemory now, TimeSpan at)
    {
        if (!_kinds.TryGetValue(name, out var points))
        {
            _kinds[name] = points = [];
        }

        points.Add((at.TotalSeconds, now.UsedBytes));
        var all = CollectionsMarshal.AsSpan(points);
        var grows = now.UsedBytes > points[0].Bytes * WorthALook;
        return new MemoryTrend(
            name,
            TimeSpan.FromSeconds(points[^1].Seconds - points[0].Seconds),
            points[0].Bytes,
            now.UsedBytes,
            grows ? TheilSen.Slope(all) : 0,
            grows ? TheilSen.Slope(all[(all.Length / 2)..]) : 0,
            now.CapacityBytes);
    }

    private void Thin()
    {
        _spacing *= 2;
        foreach (var points in _kinds.Values)
        {
            var kept = points.Where(static (_, index) => index % 2 == 0).ToList();
            points.Clear();
            points.AddRange(kept);
        }
    }
}

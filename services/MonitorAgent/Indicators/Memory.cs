using System.Globalization;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Does memory on Y grow so that it would be exhausted within the soak, while it does not on X?</summary>
/// <remarks>
/// Caches fill and workers warm up: growth holds the step when it is large and has not slowed down, and fails it after minutes. What a worker may use is not in the metrics: a gibibyte,
/// or twice what the largest worker of X uses. A shared dictionary has a known capacity, but may be filled on purpose: it holds the step and fails nothing.
/// </remarks>
public sealed class Memory : IIndicator
{
    private const string Name = "memory";
    private const double WorkerBytes = 1024.0 * 1024 * 1024;
    private const double GrownBy = 1.25;
    private const double NotSlower = 0.5;
    private const double FullEnough = 0.5;
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongEnoughToFail = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LeastHorizon = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        if (observation.Y.Nodes.All(static n => n.Memory.Count == 0))
        {
            yield return Finding.NotCompared(Name, "Memory is not compared: no node of cluster Y says what it uses.");
            yield break;
        }

        var horizon = observation.Soak > LeastHorizon ? observation.Soak : LeastHorizon;
        var leaks = observation.Y.Nodes.SelectMany(n => n.Memory.Select(m => (Node: n, Trend: m))).Where(l => IsLeak(observation, l.Node, l.Trend, horizon)).ToList();
        if (leaks.Count == 0)
        {
            yield return Finding.Of(Name, Verdict.Passed, $"No memory on cluster Y grows so that {horizon.TotalHours:0.#} h would exhaust it.");
            yield break;
        }

        var (node, trend) = leaks.OrderByDescending(static l => l.Trend.Name == MemoryTrend.Workers).ThenByDescending(static l => l.Trend.BytesPerSecond).First();
        var onX = LeastGrowthOnX(observation, trend.Name);
        var shared = onX > trend.BytesPerSecond * NotSlower;
        var fails = trend.Name == MemoryTrend.Workers && !shared && observation.HasTrafficY && trend.Seen >= LongEnoughToFail;
        var since = observation.Elapsed > trend.Seen ? observation.Elapsed - trend.Seen : TimeSpan.Zero;
        yield return Finding.Of(
            Name,
            fails ? Verdict.Failed : Verdict.Inconclusive,
            $"{Kind(trend)} of {node.Name} on cluster Y grew from {Mebibytes(trend.FirstBytes)} to {Mebibytes(trend.LastBytes)} MiB in {trend.Seen.TotalMinutes:0.#} min"
                + $" and would reach {Mebibytes(Limit(observation, node, trend))} MiB within {horizon.TotalHours:0.#} h{(shared ? "; on cluster X it grows as well" : "")}.",
            onX,
            trend.BytesPerSecond,
            fails ? since : null);
    }

    private static bool IsLeak(Observation observation, NodeState node, MemoryTrend trend, TimeSpan horizon) =>
        trend.Seen >= LongEnough
        && trend.LastBytes > trend.FirstBytes * GrownBy
        && trend.BytesPerSecond > 0
        && trend.RecentBytesPerSecond > trend.BytesPerSecond * NotSlower
        && trend.LastBytes + (trend.BytesPerSecond * horizon.TotalSeconds) > Limit(observation, node, trend);

    // A dictionary that X has filled by half is filled on purpose (counters of windows that are over stay until the room is needed).
    private static double Limit(Observation observation, NodeState node, MemoryTrend trend)
    {
        var ofX = observation.X.Nodes.SelectMany(n => n.Memory.Where(m => m.Name == trend.Name).Select(m => m.LastBytes / Math.Max(1, Workers(n, m)))).DefaultIfEmpty(0).Max();
        return trend.Name == MemoryTrend.Workers ? Math.Max(WorkerBytes, 2 * ofX) * Math.Max(1, node.Workers)
            : trend.CapacityBytes > 0 && ofX < trend.CapacityBytes * FullEnough ? trend.CapacityBytes
            : double.PositiveInfinity;
    }

    private static int Workers(NodeState node, MemoryTrend trend) => trend.Name == MemoryTrend.Workers ? node.Workers : 1;

    private static double LeastGrowthOnX(Observation observation, string name) =>
        observation.X.Nodes.SelectMany(n => n.Memory.Where(m => m.Name == name).Select(static m => m.RecentBytesPerSecond)).DefaultIfEmpty(0).Min();

    private static string Kind(MemoryTrend trend) => trend.Name == MemoryTrend.Workers ? "Memory of the workers" : $"The dictionary {trend.Name}";

    private static string Mebibytes(double bytes) => (bytes / (1024 * 1024)).ToString("0", CultureInfo.CurrentCulture);
}

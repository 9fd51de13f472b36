using System.Globalization;
using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.Benchmarks.Scraping;

/// <summary>What one watch over a large fleet costs: the agent's own watch at one reading a second and node, beside a bare fetch of the same answers.</summary>
internal sealed class ScrapeBenchmark : IBenchmark
{
    private const int Nodes = 200;
    private const int Series = 5000;
    private const double Mebibyte = 1024 * 1024;
    private const double GrowthTarget = 1.1;
    private const int LeastSeconds = 30;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FloorLength = TimeSpan.FromSeconds(20);

    public string Name => "scrape";

    /// <summary>Makes this program the fleet.</summary>
    public static Task ServeAsync(int nodes, int series) =>
        FleetServer.RunAsync([.. Enumerable.Range(0, nodes).Select(node => node < nodes / 2 ? Fleet.VersionX : Fleet.VersionY)], series);

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        options = options with { Seconds = Math.Max(LeastSeconds, options.Seconds) };
        options.Progress($"{Nodes} nodes of {Series} series each: a bare fetch for {FloorLength.TotalSeconds} s");
        await using var fleet = await Fleet.StartAsync(Nodes, Series, cancellationToken);
        var floor = await BareFetch.MeasureAsync(fleet, Interval, FloorLength, cancellationToken);

        var watch = new WatchedFleet(fleet, Interval, Nodes * options.Seconds, cancellationToken);
        try
        {
            var marks = await MarkAsync(watch, options, cancellationToken);
            return Figures(watch, marks, floor.Cores, floor.Bytes, options.Seconds);
        }
        finally
        {
            await watch.EndAsync();
        }
    }

    private static async Task<List<Mark>> MarkAsync(WatchedFleet watch, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var every = TimeSpan.FromSeconds(Math.Min(60, options.Seconds / 6));
        var (marks, meter) = (new List<Mark>(), new CpuMeter());
        using var timer = new PeriodicTimer(every, TimeProvider.System);
        while (marks.Count * every < TimeSpan.FromSeconds(options.Seconds) && await timer.WaitForNextTickAsync(cancellationToken))
        {
            var (cores, resident) = (meter.Cores(), Environment.WorkingSet / Mebibyte);
            marks.Add(new Mark(cores, GC.GetTotalMemory(forceFullCollection: true) / Mebibyte, resident));
            options.Progress(string.Create(
                CultureInfo.InvariantCulture,
                $"{(marks.Count * every).TotalSeconds} s: {cores:0.00} cores, {marks[^1].Heap:0} MiB of objects, {resident:0} MiB resident, "
                + $"{watch.Read} readings, {watch.Unread} failed {watch.Problem}, {watch.Verdict?.Verdict} {watch.Verdict?.Findings[0].Message}"));
        }

        return marks;
    }

    private static List<Figure> Figures(WatchedFleet watch, List<Mark> marks, double floor, double bytes, int seconds)
    {
        var cores = Figure.Of("the watch", "cores", marks.Select(static m => m.Cores), 1);
        var delays = watch.Delays.Order().ToList();
        var expected = (double)Nodes * seconds;
        return
        [
            cores,
            Figure.Of("the same answers fetched and thrown away", "cores", [floor]),
            Figure.Of("  the watch beside it", "times", [cores.Median / floor]),
            Figure.Of("one reading, all that follows from it included", "ms of a core", [cores.Median * seconds * 1000 / Math.Max(1, watch.Read)], 1000.0 / Nodes),
            Figure.Of("  its size", "MiB", [bytes / Mebibyte]),
            Figure.Of("readings not made in time, of 100", "", [Math.Max(0, 100 * (expected - watch.Read - watch.Unread) / expected)], 1),
            Figure.Of("readings that failed, of 100", "", [100 * watch.Unread / expected], 1),
            Figure.Of("from the end of a reading to its judgement", "s", delays),
            Figure.Of("  99 of 100", "s", [delays[(int)(delays.Count * 0.99)]], 1.5),
            Figure.Of("from judgement to judgement", "s", watch.Intervals, 1.1),
            Figure.Of("live objects", "MiB", marks.Select(static m => m.Heap)),
            Figure.Of("  last third of the run beside the second", "times", [Growth(marks, static m => m.Heap)], GrowthTarget),
            Figure.Of("resident memory", "MiB", marks.Select(static m => m.Resident)),
            Figure.Of("  last third of the run beside the second", "times", [Growth(marks, static m => m.Resident)], GrowthTarget),
            Figure.Claim("the fleet, which is healthy, passes and never fails", watch is { EverFailed: false, Verdict.Verdict: Verdict.Passed }),
        ];
    }

    // The first third fills what is kept of the past and is no growth.
    private static double Growth(List<Mark> marks, Func<Mark, double> memory)
    {
        var third = marks.Count / 3;
        return marks.TakeLast(third).Average(memory) / marks.Skip(third).Take(third).Average(memory);
    }

    private sealed record Mark(double Cores, double Heap, double Resident);
}

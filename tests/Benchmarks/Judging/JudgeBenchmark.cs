using System.Collections.Concurrent;

namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>How often a healthy Y is failed in an hour, and how soon a sick one: seeded simulation of the whole judge, with the usual ways beside it on the same requests.</summary>
/// <remarks>The rows on the command line are the number of upgrades simulated for each line; detection uses a tenth of it.</remarks>
internal sealed class JudgeBenchmark : IBenchmark
{
    private const int StepSeconds = 720;
    private const int PatienceSeconds = 600;
    private const double FalseAlarmTarget = 0.1;
    private static readonly int[] Steps = [1, 10, 25, 50, 100];

    public string Name => "judge";

    public Task<IReadOnlyList<Figure>> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken) => Task.Run<IReadOnlyList<Figure>>(
        () =>
        {
            var figures = new List<Figure>();
            foreach (var (requests, errors) in new[] { 10.0, 100, 1000 }.SelectMany(static r => new[] { 0, 0.001, 0.01, 0.05 }.Select(e => (r, e))))
            {
                figures.AddRange(FalseAlarms(options, $"{requests:0} req/s, {errors:P1} errors", seed => new SimulatedUpgrade(seed, requests, errors), cancellationToken));
            }

            figures.AddRange(FalseAlarms(
                options, "100 req/s, errors in bursts of 10", static seed => new SimulatedUpgrade(seed, 100, 0.001) { Bursts = static c => c.Uniform() < 1 / 30.0 ? 10 : 0 }, cancellationToken));
            figures.AddRange(FalseAlarms(options, "100 req/s, 10 s of 20 % errors every 5 min while both sides serve", SharedIncidents, cancellationToken));
            foreach (var (weight, requests, errors, median, slow) in new[] { (10, 500.0, 0.001, 8.0, 15.0), (1, 500, 0.001, 60, 120), (10, 500, 0.01, 60, 120), (50, 100, 0.001, 60, 120) })
            {
                figures.AddRange(Detection(options, weight, requests, errors, median, slow, cancellationToken));
            }

            return figures;
        },
        cancellationToken);

    private static SimulatedUpgrade SharedIncidents(int seed)
    {
        SimulatedUpgrade upgrade = null!;
        upgrade = new SimulatedUpgrade(seed, 100, 0.001) { EachSecond = second => upgrade.X.Errors = upgrade.Y.Errors = upgrade.X.Rate > 0 && second % 300 < 10 ? 0.2 : 0.001 };
        return upgrade;
    }

    private static IEnumerable<Figure> FalseAlarms(BenchmarkOptions options, string what, Func<int, SimulatedUpgrade> create, CancellationToken cancellationToken)
    {
        options.Progress($"healthy upgrades of an hour: {what}");
        var (product, threshold, mannWhitney, passed) = (0, 0, 0, 0);
        var reasons = new ConcurrentDictionary<string, int>();
        Each(options, options.Rows, seed =>
        {
            var upgrade = create(seed);
            foreach (var weight in Steps)
            {
                upgrade.RunStep(weight, StepSeconds);
                Interlocked.Add(ref passed, upgrade.Passed ? 1 : 0);
            }

            Interlocked.Add(ref product, upgrade.Alarms.Product is null ? 0 : 1);
            Interlocked.Add(ref threshold, upgrade.Alarms.Threshold is null ? 0 : 1);
            Interlocked.Add(ref mannWhitney, upgrade.Alarms.MannWhitney is null ? 0 : 1);
            if (upgrade.Reason.Length > 0)
            {
                reasons.AddOrUpdate(upgrade.Reason, 1, static (_, count) => count + 1);
            }
        }, cancellationToken);
        var why = reasons.IsEmpty ? "" : $" ({string.Join(", ", reasons.Select(static r => $"{r.Key} {r.Value}"))})";
        yield return Percent($"false alarms, {what}: the product{why}", product, options.Rows, FalseAlarmTarget);
        yield return Percent("  steps that ended in passed", passed, options.Rows * Steps.Length, null);
        yield return Percent("  1 % in a 60 s window", threshold, options.Rows, null);
        yield return Percent("  Mann-Whitney over 60 points", mannWhitney, options.Rows, null);
    }

    private static IEnumerable<Figure> Detection(
        BenchmarkOptions options, int weight, double requests, double errors, double median, double slow, CancellationToken cancellationToken)
    {
        var what = $"+2 points at {requests * weight / 100:0} req/s on Y of {requests:0}, {errors:P1} before";
        options.Progress($"detection: {what}");
        var runs = Math.Max(1, options.Rows / 10);
        var found = new ConcurrentBag<(double Product, double Threshold, double MannWhitney)>();
        Each(options, runs, seed =>
        {
            var upgrade = new SimulatedUpgrade(seed + 1_000_000, requests, errors);
            upgrade.Y.Errors += 0.02;
            upgrade.RunStep(weight, PatienceSeconds);
            found.Add((upgrade.Alarms.Product ?? PatienceSeconds, upgrade.Alarms.Threshold ?? PatienceSeconds, upgrade.Alarms.MannWhitney ?? PatienceSeconds));
        }, cancellationToken);
        yield return At(0.5, $"{what}: median", found.Select(static f => f.Product), median);
        yield return At(0.95, "  95th of 100", found.Select(static f => f.Product), slow);
        yield return At(0.5, "  1 % in a 60 s window, median", found.Select(static f => f.Threshold), null);
        yield return At(0.5, "  Mann-Whitney over 60 points, median", found.Select(static f => f.MannWhitney), null);
    }

    private static void Each(BenchmarkOptions options, int count, Action<int> run, CancellationToken cancellationToken) =>
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = options.Parallel }, run);

    private static Figure Percent(string name, int count, int all, double? target) => Figure.Of(name, "%", [count * 100.0 / all], target);

    private static Figure At(double share, string name, IEnumerable<double> seconds, double? target)
    {
        var sorted = seconds.Order().ToList();
        return Figure.Of(name, "s", [sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)]], target);
    }
}

using System.Collections.Concurrent;

namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>Runs many simulated upgrades and says what came of them.</summary>
internal static class Simulation
{
    private const int StepSeconds = 720;
    private const double FalseAlarmTarget = 0.1;
    private static readonly int[] Steps = [1, 10, 25, 50, 100];

    /// <summary>How often a healthy Y is failed in an hour.</summary>
    /// <param name="options">How many upgrades, and how many at once.</param>
    /// <param name="what">What is simulated.</param>
    /// <param name="threshold">What the fixed threshold is.</param>
    /// <param name="create">Makes an upgrade of a seed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static IEnumerable<Figure> FalseAlarms(
        BenchmarkOptions options, string what, string threshold, Func<int, JudgedUpgrade> create, CancellationToken cancellationToken)
    {
        if (!options.Wants(what))
        {
            yield break;
        }

        options.Progress($"healthy upgrades of an hour: {what}");
        var (product, byThreshold, mannWhitney, passed, passedAtEnd) = (0, 0, 0, 0, 0);
        var reasons = new ConcurrentDictionary<string, int>();
        Each(options, options.Rows, seed =>
        {
            var upgrade = create(seed);
            foreach (var weight in Steps)
            {
                upgrade.RunStep(weight, StepSeconds);
                Interlocked.Add(ref passed, upgrade.Passed ? 1 : 0);
                Interlocked.Add(ref passedAtEnd, upgrade.PassedAtEnd ? 1 : 0);
            }

            Interlocked.Add(ref product, upgrade.Alarms.Product is null ? 0 : 1);
            Interlocked.Add(ref byThreshold, upgrade.Alarms.Threshold is null ? 0 : 1);
            Interlocked.Add(ref mannWhitney, upgrade.Alarms.MannWhitney is null ? 0 : 1);
            if (upgrade.Reason.Length > 0)
            {
                reasons.AddOrUpdate(upgrade.Reason, 1, static (_, count) => count + 1);
            }
        }, cancellationToken);
        var why = reasons.IsEmpty ? "" : $" ({string.Join(", ", reasons.Select(static r => $"{r.Key} {r.Value}"))})";
        yield return Percent($"false alarms, {what}: the product{why}", product, options.Rows, FalseAlarmTarget);
        yield return Percent("  steps that passed in time", passed, options.Rows * Steps.Length, null);
        yield return Percent("  steps whose last second was passed", passedAtEnd, options.Rows * Steps.Length, null);
        yield return Percent($"  {threshold}", byThreshold, options.Rows, null);
        yield return Percent("  Mann-Whitney over 60 points", mannWhitney, options.Rows, null);
    }

    /// <summary>How soon each judge fails a sick Y; the patience where it did not.</summary>
    /// <param name="options">How many at once.</param>
    /// <param name="runs">How many upgrades.</param>
    /// <param name="weightY">Percent of the traffic on Y.</param>
    /// <param name="patience">Seconds that are simulated.</param>
    /// <param name="create">Makes an upgrade of a seed, its Y already sick.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static IReadOnlyCollection<(double Product, double Threshold, double MannWhitney)> Detect(
        BenchmarkOptions options, int runs, int weightY, int patience, Func<int, JudgedUpgrade> create, CancellationToken cancellationToken)
    {
        var found = new ConcurrentBag<(double Product, double Threshold, double MannWhitney)>();
        Each(options, runs, seed =>
        {
            var upgrade = create(seed + 1_000_000); // Other seeds than those of the false alarms.
            upgrade.RunStep(weightY, patience);
            found.Add((upgrade.Alarms.Product ?? patience, upgrade.Alarms.Threshold ?? patience, upgrade.Alarms.MannWhitney ?? patience));
        }, cancellationToken);
        return found;
    }

    /// <summary>The value below which this share of the values lies.</summary>
    public static Figure At(double share, string name, IEnumerable<double> seconds, double? target)
    {
        var sorted = seconds.Order().ToList();
        return Figure.Of(name, "s", [sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)]], target);
    }

    private static void Each(BenchmarkOptions options, int count, Action<int> run, CancellationToken cancellationToken) =>
        Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = options.Parallel }, run);

    private static Figure Percent(string name, int count, int all, double? target) => Figure.Of(name, "%", [count * 100.0 / all], target);
}

namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>How often a healthy Y is failed in an hour, and how soon a sick one: seeded simulation of the whole judge, with the usual ways beside it on the same requests.</summary>
/// <remarks>The rows on the command line are the number of upgrades simulated for each line; detection uses a tenth of it.</remarks>
internal sealed class JudgeBenchmark : IBenchmark
{
    private const int PatienceSeconds = 600;
    private const string Threshold = "1 % in a 60 s window";

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

    private static IEnumerable<Figure> FalseAlarms(BenchmarkOptions options, string what, Func<int, SimulatedUpgrade> create, CancellationToken cancellationToken) =>
        Simulation.FalseAlarms(options, what, Threshold, create, cancellationToken);

    private static IEnumerable<Figure> Detection(
        BenchmarkOptions options, int weight, double requests, double errors, double median, double slow, CancellationToken cancellationToken)
    {
        var what = $"+2 points at {requests * weight / 100:0} req/s on Y of {requests:0}, {errors:P1} before";
        if (!options.Wants(what))
        {
            yield break;
        }

        options.Progress($"detection: {what}");
        var found = Simulation.Detect(options, Math.Max(1, options.Rows / 10), weight, PatienceSeconds, seed =>
        {
            var upgrade = new SimulatedUpgrade(seed, requests, errors);
            upgrade.Y.Errors += 0.02;
            return upgrade;
        }, cancellationToken);
        yield return Simulation.At(0.5, $"{what}: median", found.Select(static f => f.Product), median);
        yield return Simulation.At(0.95, "  95th of 100", found.Select(static f => f.Product), slow);
        yield return Simulation.At(0.5, $"  {Threshold}, median", found.Select(static f => f.Threshold), null);
        yield return Simulation.At(0.5, "  Mann-Whitney over 60 points, median", found.Select(static f => f.MannWhitney), null);
    }
}

namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>How often a healthy Y is failed in an hour for its latency, and how soon a slow one: seeded simulation of the whole judge, with the usual ways beside it on the same requests.</summary>
/// <remarks>The rows on the command line are the number of upgrades simulated for each line.</remarks>
internal sealed class LatencyBenchmark : IBenchmark
{
    private const int PatienceSeconds = 300;
    private const double FoundTarget = 60;
    private const string Threshold = "mean of 60 s a tenth above X's before";

    public string Name => "latency";

    public Task<IReadOnlyList<Figure>> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken) => Task.Run<IReadOnlyList<Figure>>(
        () =>
        [
            .. FalseAlarms(options, "exponential", LatencyModel.Exponential, null, cancellationToken),
            .. FalseAlarms(options, "log-normal, sigma 1", LatencyModel.LogNormal, null, cancellationToken),
            .. FalseAlarms(options, "Pareto, shape 1.5", LatencyModel.Pareto, null, cancellationToken),
            .. FalseAlarms(options, "pauses: each side once a minute 3 s with five times the latency", LatencyModel.LogNormal, Pauses, cancellationToken),
            .. FalseAlarms(options, "each side wanders by 5 %, half a minute to forget", LatencyModel.LogNormal, Wandering, cancellationToken),
            .. FalseAlarms(options, "every 5 min both sides' upstream services are ten times as slow for 30 s", LatencyModel.LogNormal, SharedSlowness, cancellationToken),
            .. FalseAlarms(options, "Y adds 1 ms more", LatencyModel.LogNormal, static (u, _) => u.Y.KongMore = 1, cancellationToken),
            .. Detection(options, "a fifth of the mean, by Kong (10 ms of 50), 100 of 200 req/s, exponential", 50, 200, LatencyModel.Exponential, static y => y.KongMore = 10, cancellationToken),
            .. Detection(options, "a fifth of the mean, by Kong (10 ms of 50), 100 of 1000 req/s, log-normal", 10, 1000, LatencyModel.LogNormal, static y => y.KongMore = 10, cancellationToken),
            .. Detection(options, "a fifth of the mean, by Kong (10 ms of 50), 100 of 200 req/s, Pareto", 50, 200, LatencyModel.Pareto, static y => y.KongMore = 10, cancellationToken),
            .. Detection(options, "a fifth of what Kong adds (10 ms of 50), 100 of 1000 req/s, log-normal", 10, 1000, LatencyModel.SlowGateway, static y => y.KongFactor = 1.2, cancellationToken),
            .. Detection(options, "a fifth of what Kong adds (10 ms of 50), 100 of 200 req/s, log-normal", 50, 200, LatencyModel.SlowGateway, static y => y.KongFactor = 1.2, cancellationToken),
        ],
        cancellationToken);

    private static void Pauses(LatencyUpgrade upgrade, int second)
    {
        foreach (var side in new[] { upgrade.X, upgrade.Y })
        {
            // A factor of 5 falls to 4 and 3 as its seconds pass.
            side.KongFactor = side.KongFactor > 3 ? side.KongFactor - 1 : upgrade.Chance.Uniform() < 1 / 60.0 ? 5 : 1;
        }
    }

    private static void Wandering(LatencyUpgrade upgrade, int second)
    {
        const double spread = 0.05;
        var kept = Math.Exp(-1 / 30.0);
        foreach (var side in new[] { upgrade.X, upgrade.Y })
        {
            side.KongFactor = Math.Exp((Math.Log(side.KongFactor) * kept) + (spread * Math.Sqrt(1 - (kept * kept)) * upgrade.Chance.Normal()));
        }
    }

    private static void SharedSlowness(LatencyUpgrade upgrade, int second) => upgrade.X.UpstreamFactor = upgrade.Y.UpstreamFactor = upgrade.X.Rate > 0 && second % 300 > 270 ? 10 : 1;

    private static IEnumerable<Figure> FalseAlarms(
        BenchmarkOptions options, string what, LatencyModel model, Action<LatencyUpgrade, int>? eachSecond, CancellationToken cancellationToken) =>
        Simulation.FalseAlarms(options, what, Threshold, seed => new LatencyUpgrade(seed, 100, model, eachSecond), cancellationToken);

    private static IEnumerable<Figure> Detection(
        BenchmarkOptions options, string what, int weight, double requests, LatencyModel model, Action<TimedCluster> fault, CancellationToken cancellationToken)
    {
        if (!options.Wants(what))
        {
            yield break;
        }

        options.Progress($"detection: {what}");
        var found = Simulation.Detect(options, options.Rows, weight, PatienceSeconds, seed =>
        {
            var upgrade = new LatencyUpgrade(seed, requests, model);
            fault(upgrade.Y);
            return upgrade;
        }, cancellationToken);
        yield return Simulation.At(0.5, $"{what}: median", found.Select(static f => f.Product), null);
        yield return Simulation.At(0.95, "  95th of 100", found.Select(static f => f.Product), FoundTarget);
        yield return Simulation.At(0.95, $"  {Threshold}, 95th", found.Select(static f => f.Threshold), null);
        yield return Simulation.At(0.95, "  Mann-Whitney over 60 points, 95th", found.Select(static f => f.MannWhitney), null);
    }
}

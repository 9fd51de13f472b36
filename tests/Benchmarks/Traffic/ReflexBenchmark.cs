using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Benchmarks.Traffic;

/// <summary>From a failed verdict on the bus to 0 % on Y, under client load: HAProxy by its runtime map, nginx by a reload.</summary>
internal sealed class ReflexBenchmark : IBenchmark
{
    private const double Target = 1;

    public string Name => "reflex";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        await using var x = await NamedBackend.StartAsync("x");
        await using var y = await NamedBackend.StartAsync("y");
        var directory = Directory.CreateTempSubdirectory("kum-reflex-");
        try
        {
            return
            [
                .. await MeasureHAProxyAsync(Path.Combine(directory.FullName, "haproxy"), x, y, options.Rounds * 20, options.Progress, cancellationToken),
                .. await MeasureNginxAsync(Path.Combine(directory.FullName, "nginx"), x, y, options.Rounds * 4, options.Progress, cancellationToken),
            ];
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<IEnumerable<Figure>> MeasureHAProxyAsync(
        string directory, NamedBackend x, NamedBackend y, int runs, Action<string> progress, CancellationToken cancellationToken)
    {
        await using var server = await HaproxyServer.StartAsync(
            directory, new HaproxyLayout { FrontendPort = LoopbackPorts.Take(), NodesX = [x.EndPoint], NodesY = [y.EndPoint] }, cancellationToken);
        await using var clients = new SplitClients(server.Address);
        await using var bench = await ReflexBench.StartAsync("haproxy", new Dictionary<string, string>(server.Settings) { ["observe"] = "100ms" }, x, y, clients, cancellationToken);
        return await MeasureAsync("HAProxy", bench, runs, Target, progress, cancellationToken);
    }

    private static async Task<IEnumerable<Figure>> MeasureNginxAsync(
        string directory, NamedBackend x, NamedBackend y, int runs, Action<string> progress, CancellationToken cancellationToken)
    {
        var ports = LoopbackPorts.Take(2);
        await using var server = await NginxServer.StartAsync(
            directory,
            new NginxLayout
            {
                Document = Path.Combine(Repository.Root, "docs", "traffic", "nginx.md"), FrontendPort = ports[0], ControlPort = ports[1], NodesX = [x.EndPoint], NodesY = [y.EndPoint],
            },
            cancellationToken);
        await using var clients = new SplitClients(new Uri($"http://127.0.0.1:{ports[0]}/"));
        await using var bench = await ReflexBench.StartAsync("nginx", server.Settings, x, y, clients, cancellationToken);
        return await MeasureAsync("nginx, by reload", bench, runs, null, progress, cancellationToken);
    }

    private static async Task<IEnumerable<Figure>> MeasureAsync(
        string balancer, ReflexBench bench, int runs, double? target, Action<string> progress, CancellationToken cancellationToken)
    {
        var measured = new List<(double Reported, double Observed)>();
        for (var run = 1; run <= runs; run++)
        {
            progress($"{balancer}: run {run} of {runs}");
            measured.Add(await bench.RunAsync(cancellationToken));
        }

        return
        [
            Figure.Of($"{balancer}: verdict to 0 % on Y by the balancer's word", "s", measured.Select(static m => m.Reported)),
            Percentile($"{balancer}: the same, 99th percentile of {runs}", measured.Select(static m => m.Reported), target),
            Percentile($"{balancer}: verdict to the last request that Y answered, 99th percentile of {runs}", measured.Select(static m => m.Observed), target),
        ];
    }

    private static Figure Percentile(string name, IEnumerable<double> values, double? target)
    {
        var sorted = values.Order().ToList();
        return new Figure(name, "s", sorted[(int)Math.Ceiling(sorted.Count * 0.99) - 1], sorted[0], sorted[^1], target);
    }
}

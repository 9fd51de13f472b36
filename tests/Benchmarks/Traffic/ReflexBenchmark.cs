using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Benchmarks.Traffic;

/// <summary>
/// From a failed verdict to 0 % on Y under client load, by the traffic agent's reflex and beside it by the coordinator's command: HAProxy by its runtime
/// map, nginx by a reload. Coordinator, database and broker are the real ones on both paths.
/// </summary>
internal sealed class ReflexBenchmark : IBenchmark
{
    private const double Target = 1000;

    public string Name => "reflex";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        await using var x = await NamedBackend.StartAsync("x");
        await using var y = await NamedBackend.StartAsync("y");
        await using var bench = await BreachBench.StartAsync(cancellationToken);
        var directory = Directory.CreateTempSubdirectory("kum-reflex-");
        try
        {
            await using var haproxy = await HaproxyServer.StartAsync(
                Path.Combine(directory.FullName, "haproxy"), new HaproxyLayout { FrontendPort = LoopbackPorts.Take(), NodesX = [x.EndPoint], NodesY = [y.EndPoint] }, cancellationToken);
            var (nginx, address) = await StartNginxAsync(Path.Combine(directory.FullName, "nginx"), x, y, cancellationToken);
            await using var _ = nginx;
            var map = new Dictionary<string, string>(haproxy.Settings) { ["observe"] = "100ms" };
            return
            [
                .. await CompareAsync("HAProxy", "haproxy", map, haproxy.Address, Target, options.Rounds * 20, options.Rounds * 4),
                .. await CompareAsync("nginx, by reload", "nginx", nginx.Settings, address, null, options.Rounds * 4, options.Rounds * 2),
            ];
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        async Task<IEnumerable<Figure>> CompareAsync(
            string balancer, string driver, IReadOnlyDictionary<string, string> settings, Uri frontend, double? target, int byReflex, int byCoordinator)
        {
            await using var clients = new SplitClients(frontend);
            return
            [
                .. await MeasureAsync($"{balancer}, reflex", byReflex, target, reflex: true),
                .. await MeasureAsync($"{balancer}, coordinator", byCoordinator, null, reflex: false),
            ];

            async Task<IEnumerable<Figure>> MeasureAsync(string path, int runs, double? bound, bool reflex)
            {
                var measured = new List<(TimeSpan Reported, TimeSpan Observed)>();
                for (var run = 1; run <= runs; run++)
                {
                    options.Progress($"{path}: run {run} of {runs}");
                    measured.Add(await bench.RunAsync(driver, settings, reflex, (x, y), clients, cancellationToken));
                }

                return
                [
                    Figure.Of($"{path}: verdict to 0 % on Y by the balancer's word", "ms", measured.Select(static m => m.Reported.TotalMilliseconds)),
                    Percentile($"{path}: the same, 99th percentile of {runs}", measured.Select(static m => m.Reported.TotalMilliseconds), bound),
                    Percentile($"{path}: verdict to the last request that Y answered, 99th percentile of {runs}", measured.Select(static m => m.Observed.TotalMilliseconds), bound),
                ];
            }
        }
    }

    private static async Task<(NginxServer Server, Uri Address)> StartNginxAsync(string directory, NamedBackend x, NamedBackend y, CancellationToken cancellationToken)
    {
        var ports = LoopbackPorts.Take(2);
        var server = await NginxServer.StartAsync(
            directory,
            new NginxLayout
            {
                Document = Path.Combine(Repository.Root, "docs", "traffic", "nginx.md"), FrontendPort = ports[0], ControlPort = ports[1], NodesX = [x.EndPoint], NodesY = [y.EndPoint],
            },
            cancellationToken);
        return (server, new Uri($"http://127.0.0.1:{ports[0]}/"));
    }

    private static Figure Percentile(string name, IEnumerable<double> values, double? target)
    {
        var sorted = values.Order().ToList();
        return new Figure(name, "ms", sorted[(int)Math.Ceiling(sorted.Count * 0.99) - 1], sorted[0], sorted[^1], target);
    }
}

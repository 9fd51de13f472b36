using System.Net;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Lab.Load;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;
using KongUpgradeMesh.TrafficAgent.Splits;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.Benchmarks.Traffic;

/// <summary>A real HAProxy before two one-node clusters, and its driver.</summary>
internal sealed class HaproxyBench : IAsyncDisposable
{
    private readonly Guid _upgrade = Guid.NewGuid();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kum-shift-");
    private readonly List<IAsyncDisposable> _running = [];
    private HAProxyAgentChecks? _checks;
    private HaproxyServer _haproxy = null!;

    private HaproxyBench()
    {
    }

    public ITrafficDriver Driver { get; private set; } = null!;

    public static async Task<HaproxyBench> StartAsync(CancellationToken cancellationToken)
    {
        var bench = new HaproxyBench();
        var x = await EchoUpstream.StartAsync(0, TimeProvider.System, cancellationToken);
        bench._running.Add(x);
        var y = await EchoUpstream.StartAsync(0, TimeProvider.System, cancellationToken);
        bench._running.Add(y);
        var layout = new HaproxyLayout { FrontendPort = LoopbackPorts.Take(), NodesX = [EndPointOf(x)], NodesY = [EndPointOf(y)] };
        bench._haproxy = await HaproxyServer.StartAsync(bench._directory.FullName, layout, cancellationToken);
        bench._running.Add(bench._haproxy);
        var agent = new AgentOptions { Datacenter = "bench", Name = "bench", StateDirectory = bench._directory.FullName };
        bench._checks = new HAProxyAgentChecks(Options.Create(agent), TimeProvider.System, NullLogger<HAProxyAgentChecks>.Instance);
        bench.Driver = new HAProxyTrafficDriverFactory(bench._checks, new HAProxyWeightsNotes(Options.Create(agent), TimeProvider.System), TimeProvider.System).Create(new DriverSettings(bench._haproxy.Settings));
        return bench;
    }

    /// <summary>One client with a key of its own.</summary>
    public static LoadClient Client(int key) => new(key.ToString(), new Dictionary<string, string> { ["apikey"] = $"consumer-{key}" });

    public LoadGenerator Load(IReadOnlyList<LoadClient> clients, double rate, LoadObserver? observer = null) => new(
        new LoadOptions
        {
            Target = _haproxy.Address,
            Clients = clients,
            Requests = [new LoadRequest { Method = "POST", Path = "/orders", Body = "{}" }],
            RatePerSecond = rate,
            Observer = observer,
        },
        TimeProvider.System);

    public TrafficRecord Record(int epoch, int step, int weightY) =>
        new() { UpgradeId = _upgrade, Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weightY } };

    public async ValueTask DisposeAsync()
    {
        _checks?.Dispose();
        foreach (var running in Enumerable.Reverse(_running))
        {
            await running.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }

    private static IPEndPoint EndPointOf(EchoUpstream upstream) => new(IPAddress.Loopback, upstream.Address.Port);
}

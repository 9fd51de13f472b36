using System.Net;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Load;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>
/// Cluster X (2.8.5) and cluster Y (3.4.2) of three nodes each, all processes of their own, on one PostgreSQL, behind a real HAProxy with steady client traffic.
/// It is started once; the scenes come one after another, each with watches of its own.
/// </summary>
public sealed class ClusterBench : IAsyncLifetime
{
    private const int NodesEach = 3;
    private readonly Stack<Func<ValueTask>> _cleanup = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("kum-bench-").FullName;
    private readonly Dictionary<string, Task<IReadOnlyDictionary<string, Task<Seen>>>> _scenes = [];
    private HaproxyServer _balancer = null!;
    private int _weightY;

    internal IReadOnlyList<BenchNode> X { get; private set; } = [];

    internal IReadOnlyList<BenchNode> Y { get; private set; } = [];

    internal EchoUpstream Upstream { get; private set; } = null!;

    internal BenchClients Clients { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        // The clients and the upstream live in this process: simulations beside them must not keep the threads from them.
        ThreadPool.SetMinThreads(32, 32);
        var cancellationToken = TestContext.Current.CancellationToken;
        try
        {
            await StartAsync(cancellationToken);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_cleanup.TryPop(out var undo))
        {
            await undo();
        }

        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>What the judge said in a case; the first row of a scene runs the scene for all of them.</summary>
    internal async Task<Seen> SeeAsync(Case row)
    {
        if (!_scenes.TryGetValue(row.Scene, out var scene))
        {
            scene = RunAsync(Matrix.Rows.Where(r => r.Scene == row.Scene && r.Awaits is null).ToList(), TestContext.Current.CancellationToken);
            _scenes[row.Scene] = scene;
        }

        return await (await scene)[row.Name];
    }

    private async Task<IReadOnlyDictionary<string, Task<Seen>>> RunAsync(List<Case> rows, CancellationToken cancellationToken)
    {
        await ResetAsync(rows[0].WeightY, cancellationToken);

        // Rows of one scene have nodes of their own, so that no watch counts the readings of another as clients.
        var runs = rows.Select((row, lane) => (row.Name, Run: row.RunAsync(row.OnWholeClusters ? new Place(this, X, Y) : new Place(this, [X[lane]], [Y[lane]]), cancellationToken)))
            .ToDictionary(static r => r.Name, static r => r.Run);
        await ((Task)Task.WhenAll(runs.Values)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return runs;
    }

    private async Task ResetAsync(int weightY, CancellationToken cancellationToken)
    {
        Clients.EndExtra();
        Upstream.Latency = BenchLimits.UpstreamLatency;
        await Task.WhenAll(X.Concat(Y).Select(async node =>
        {
            await node.StartAsync(cancellationToken);
            await node.FailAsync("{}", cancellationToken);
            await node.ServesAsync(cancellationToken);
        }));
        if (weightY != _weightY)
        {
            await _balancer.SetWeightAsync(weightY, cancellationToken);
            _weightY = weightY;
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var postgres = Keep(await PostgresServer.StartAsync(cancellationToken: cancellationToken));
        Upstream = Keep(await EchoUpstream.StartAsync(LoopbackPorts.Take(), TimeProvider.System, cancellationToken));
        var (x, y) = (Cluster("x", "2.8.5", StandInKong.DefaultX, postgres.Port), Cluster("y", "3.4.2", StandInKong.DefaultY, postgres.Port));
        (X, Y) = ([.. x.Nodes.Select(n => new BenchNode(x, n))], [.. y.Nodes.Select(n => new BenchNode(y, n))]);
        _cleanup.Push(async () => await Task.WhenAll(X.Concat(Y).Select(static n => n.StopAsync())));
        await Task.WhenAll(StartAsync(x, X, is3: false, postgres, cancellationToken), StartAsync(y, Y, is3: true, postgres, cancellationToken));
        _balancer = Keep(await HaproxyServer.StartAsync(
            Path.Combine(_directory, "balancer"),
            new HaproxyLayout { FrontendPort = LoopbackPorts.Take(), NodesX = [.. X.Select(Address)], NodesY = [.. Y.Select(Address)] },
            cancellationToken));
        Clients = Keep(new BenchClients(_balancer.Address));
        Clients.Send(BenchLimits.RatePerSecond);
    }

    private async Task StartAsync(ClusterSpec cluster, IReadOnlyList<BenchNode> nodes, bool is3, PostgresServer postgres, CancellationToken cancellationToken)
    {
        await postgres.CreateDatabaseAsync(cluster.Database.Name, cancellationToken: cancellationToken);
        await nodes[0].BeginAsync(BenchConfiguration.Writes(is3, Upstream.Address), cancellationToken);
        await Task.WhenAll(nodes.Skip(1).Select(n => n.StartAsync(cancellationToken)));
    }

    private ClusterSpec Cluster(string side, string version, string executable, int postgresPort) => new()
    {
        Version = version,
        Database = new() { Host = "127.0.0.1", Port = postgresPort, Name = "kong_" + side, User = PostgresServer.User },
        Deployment = new() { Executable = executable },
        Nodes = [.. Enumerable.Range(1, NodesEach).Select(i => Node($"{side}-{i}"))],
    };

    private NodeSpec Node(string name)
    {
        var ports = NodePorts.Take();
        return new()
        {
            Name = name,
            Prefix = Path.Combine(_directory, name),
            Proxy = new Uri($"http://127.0.0.1:{ports.Proxy}"),
            Admin = new Uri($"http://127.0.0.1:{ports.Admin}"),
            Status = new Uri($"http://127.0.0.1:{ports.Status}"),
            Environment = new Dictionary<string, string>
            {
                ["KONG_PROXY_LISTEN"] = $"127.0.0.1:{ports.Proxy}",
                ["KONG_ADMIN_LISTEN"] = $"127.0.0.1:{ports.Admin}",
                ["KONG_STATUS_LISTEN"] = $"127.0.0.1:{ports.Status}",
                ["KONG_NGINX_WORKER_PROCESSES"] = "1",
                ["KUM_LAB_FAULTS"] = "",
            },
        };
    }

    private static EndPoint Address(BenchNode node) => new IPEndPoint(IPAddress.Loopback, node.Spec.Proxy.Port);

    private T Keep<T>(T part)
        where T : IAsyncDisposable
    {
        _cleanup.Push(part.DisposeAsync);
        return part;
    }
}

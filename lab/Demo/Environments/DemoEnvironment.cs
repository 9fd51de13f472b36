using System.Net;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Demo.Configuration;
using KongUpgradeMesh.Lab.Demo.Freeze;
using KongUpgradeMesh.Lab.Demo.Specs;
using KongUpgradeMesh.Lab.Demo.Traffic;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Lab.Demo.Environments;

/// <summary>A cluster X that runs, is configured and carries client traffic through a load balancer, ready to be upgraded; and nothing of the mesh.</summary>
/// <remarks>Everything lies below one directory and listens on free loopback ports, so many environments can run side by side in one process.</remarks>
public sealed class DemoEnvironment : IAsyncDisposable
{
    private readonly Stack<Func<ValueTask>> _cleanup = new();
    private readonly TimeProvider _clock;
    private readonly ProgramRunner _programs;

    private DemoEnvironment(DemoEnvironmentOptions options, TimeProvider clock)
    {
        Options = options;
        _clock = clock;
        _programs = new ProgramRunner(clock);
    }

    /// <summary>What it was made of.</summary>
    public DemoEnvironmentOptions Options { get; }

    /// <summary>The executable of cluster X.</summary>
    public KongExecutable KongX { get; private set; } = null!;

    /// <summary>The executable of cluster Y.</summary>
    public KongExecutable KongY { get; private set; } = null!;

    /// <summary>Describes the upgrade of this environment.</summary>
    public UpgradeSpec Spec { get; private set; } = null!;

    /// <summary>The spec as a YAML file.</summary>
    public string SpecFile => Path.Combine(Options.Directory, "upgrade.yaml");

    /// <summary>The database server of both clusters.</summary>
    public PostgresServer Postgres { get; private set; } = null!;

    /// <summary>The load balancer.</summary>
    public HaproxyServer Balancer { get; private set; } = null!;

    /// <summary>Cluster X's node.</summary>
    public KongNode NodeX { get; private set; } = null!;

    /// <summary>Cluster Y's node; it runs only after the mesh has started it.</summary>
    public KongNode NodeY { get; private set; } = null!;

    /// <summary>The clients.</summary>
    public ClientTraffic Clients { get; private set; } = null!;

    /// <summary>Tries configuration writes when told to.</summary>
    public WriteProbe Writes { get; private set; } = null!;

    /// <summary>Digests X's configuration when told to.</summary>
    public DriftWatch Drift { get; private set; } = null!;

    /// <summary>Reads the rate limiters' counters.</summary>
    public CounterWatch Counters { get; private set; } = null!;

    /// <summary>Builds and starts everything; on failure nothing stays behind.</summary>
    /// <param name="options">What to build.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="say">Told in short sentences what happens; null for nobody.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<DemoEnvironment> StartAsync(DemoEnvironmentOptions options, TimeProvider clock, Action<string>? say, CancellationToken cancellationToken)
    {
        var environment = new DemoEnvironment(options, clock);
        try
        {
            await environment.BuildAsync(say ?? (static _ => { }), cancellationToken);
            return environment;
        }
        catch
        {
            await environment.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops everything that was started, cluster Y's node too; files stay.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_cleanup.TryPop(out var undo))
        {
            await undo();
        }
    }

    private async Task BuildAsync(Action<string> say, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Options.Directory);
        KongX = await KongExecutable.ProbeAsync(Options.KongX, _programs, cancellationToken);
        KongY = await KongExecutable.ProbeAsync(Options.KongY, _programs, cancellationToken);
        say($"Kong X is {KongX.Version} ({KongX.Path}), Kong Y is {KongY.Version} ({KongY.Path})");

        await StartDatabaseAsync(say, cancellationToken);
        var backends = Keep(await SampleUpstreams.StartAsync(_clock, cancellationToken));
        var (portsX, portsY) = (NodePorts.Take(), NodePorts.Take());
        Balancer = Keep(await HaproxyServer.StartAsync(Path.Combine(Options.Directory, "balancer"), new HaproxyLayout
        {
            FrontendPort = LoopbackPorts.Take(),
            NodesX = [new IPEndPoint(IPAddress.Loopback, portsX.Proxy)],
            NodesY = [new IPEndPoint(IPAddress.Loopback, portsY.Proxy)],
        }, cancellationToken));
        say($"HAProxy listens on {Balancer.Address}");

        await WriteSpecAsync(portsX, portsY, cancellationToken);
        await StartClusterXAsync(backends, say, cancellationToken);
        StartWatching();
        Clients = Keep(await ClientTraffic.StartAsync(Balancer.Address, Options.RequestsPerSecond, _clock, cancellationToken));
        say($"{SampleTraffic.Clients} clients send {Options.RequestsPerSecond:0} requests a second");
    }

    private async Task StartDatabaseAsync(Action<string> say, CancellationToken cancellationToken)
    {
        Postgres = Options.Postgres ?? Keep(await PostgresServer.StartAsync(Path.Combine(Options.Directory, "postgres"), LoopbackPorts.Take(), cancellationToken: cancellationToken));
        say($"PostgreSQL listens on 127.0.0.1:{Postgres.Port}");
    }

    private async Task WriteSpecAsync(NodePorts portsX, NodePorts portsY, CancellationToken cancellationToken)
    {
        var layout = new LabLayout
        {
            Cluster = Options.Cluster,
            Datacenter = Options.Datacenter,
            Directory = Options.Directory,
            KongX = KongX,
            KongY = KongY,
            PostgresPort = Postgres.Port,
            PostgresUser = PostgresServer.User,
            PortsX = portsX,
            PortsY = portsY,
            TrafficSettings = Balancer.Settings,
            Sources = [BalancerCounters()],
            Pacing = Options.Pacing,
        };
        Spec = LabSpec.For(layout);
        await File.WriteAllTextAsync(layout.ConfX, LabSpec.Conf(layout.Cluster, "X", layout.PostgresPort, layout.PostgresUser, layout.DatabaseX), cancellationToken);
        await File.WriteAllTextAsync(layout.ConfY, LabSpec.Conf(layout.Cluster, "Y", layout.PostgresPort, layout.PostgresUser, layout.DatabaseY), cancellationToken);
        await Specs.SpecFile.WriteAsync(SpecFile, Spec, cancellationToken);
    }

    private MetricSourceSpec BalancerCounters() => new()
    {
        Kind = HAProxySourceSpec.Kind,
        Settings = new Dictionary<string, string> { ["socket"] = Balancer.Socket, ["backendX"] = HaproxyServer.BackendX, ["backendY"] = HaproxyServer.BackendY },
    };

    private async Task StartClusterXAsync(SampleUpstreams backends, Action<string> say, CancellationToken cancellationToken)
    {
        NodeX = new KongNode(Spec.From, Spec.From.Nodes[0], _programs, _clock);
        NodeY = new KongNode(Spec.To, Spec.To.Nodes[0], _programs, _clock);
        await Postgres.CreateDatabaseAsync(Spec.From.Database.Name, cancellationToken: cancellationToken);
        await NodeX.BootstrapAsync(cancellationToken);

        // Before the start: a start that fails half-way may leave a process behind.
        _cleanup.Push(async () => await NodeX.StopAsync(CancellationToken.None));
        _cleanup.Push(async () => await NodeY.StopAsync(CancellationToken.None));
        await NodeX.StartAsync(cancellationToken);
        var writes = SampleConfiguration.For(KongX.Version, backends.Addresses);
        var created = await ConfigurationSeeder.SeedAsync(NodeX.Spec.Admin, writes, cancellationToken);
        say($"Cluster X serves on {NodeX.Spec.Proxy} with {created} entities");
    }

    private void StartWatching()
    {
        Writes = Keep(new WriteProbe(Spec, _clock));
        Drift = Keep(new DriftWatch(Spec.From.Database, _clock));
        Counters = Keep(new CounterWatch(Spec, _clock));
    }

    private T Keep<T>(T part)
        where T : IAsyncDisposable
    {
        _cleanup.Push(part.DisposeAsync);
        return part;
    }
}

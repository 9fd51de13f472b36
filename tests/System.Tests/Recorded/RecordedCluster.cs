using System.Net;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Demo.Specs;
using KongUpgradeMesh.Lab.Load;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.System.Tests.Recorded;

/// <summary>Cluster X on the database of a real Kong 2.8.5, as its dump was recorded, behind HAProxy.</summary>
public sealed class RecordedCluster : IAsyncDisposable
{
    // Where the recorded services point to.
    private static readonly int[] UpstreamPorts = [17191, 17192];
    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly ProgramRunner _programs = new(TimeProvider.System);

    private RecordedCluster()
    {
    }

    public string Directory { get; } = global::System.IO.Directory.CreateTempSubdirectory("kum-rec-").FullName;

    public PostgresServer Postgres { get; private set; } = null!;

    public HaproxyServer Balancer { get; private set; } = null!;

    public UpgradeSpec Spec { get; private set; } = null!;

    public KongNode NodeX { get; private set; } = null!;

    public KongNode NodeY { get; private set; } = null!;

    public static async Task<RecordedCluster> StartAsync(string dump, LabPacing pacing)
    {
        var cluster = new RecordedCluster();
        try
        {
            await cluster.BuildAsync(dump, pacing);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command of cluster X's <c>kong</c>.</summary>
    public Task<ProgramResult> KongXAsync(params string[] arguments) => _programs.RunAsync(
        new ProgramCall { File = Spec.From.Deployment.Executable, Arguments = arguments, Environment = NodeX.EnvironmentVariables(), Timeout = TimeSpan.FromMinutes(1) },
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (NodeY is not null)
        {
            await NodeY.StopAsync(CancellationToken.None);
            await NodeX.StopAsync(CancellationToken.None);
        }

        while (_parts.TryPop(out var part))
        {
            await part.DisposeAsync();
        }

        global::System.IO.Directory.Delete(Directory, recursive: true);
    }

    private async Task BuildAsync(string dump, LabPacing pacing)
    {
        foreach (var port in UpstreamPorts)
        {
            Keep(await EchoUpstream.StartAsync(port, TimeProvider.System, CancellationToken.None));
        }

        Postgres = Keep(await PostgresServer.StartAsync());
        var (portsX, portsY) = (NodePorts.Take(), NodePorts.Take());
        Balancer = Keep(await HaproxyServer.StartAsync(Path.Combine(Directory, "balancer"), new HaproxyLayout
        {
            FrontendPort = LoopbackPorts.Take(1)[0],
            NodesX = [new IPEndPoint(IPAddress.Loopback, portsX.Proxy)],
            NodesY = [new IPEndPoint(IPAddress.Loopback, portsY.Proxy)],
        }, CancellationToken.None));
        var layout = new LabLayout
        {
            Cluster = "recorded",
            Datacenter = "eu1",
            Directory = Directory,
            KongX = await KongExecutable.ProbeAsync(StandInKong.DefaultX, _programs, CancellationToken.None),
            KongY = await KongExecutable.ProbeAsync(StandInKong.DefaultY, _programs, CancellationToken.None),
            PostgresPort = Postgres.Port,
            PostgresUser = PostgresServer.User,
            PortsX = portsX,
            PortsY = portsY,
            TrafficSettings = Balancer.Settings,
            Pacing = pacing,
        };
        await File.WriteAllTextAsync(layout.ConfX, LabSpec.Conf(layout.Cluster, "X", layout.PostgresPort, layout.PostgresUser, layout.DatabaseX));
        await File.WriteAllTextAsync(layout.ConfY, LabSpec.Conf(layout.Cluster, "Y", layout.PostgresPort, layout.PostgresUser, layout.DatabaseY));

        // The lab's checks ask for the lab's own routes; of these there are none here.
        var spec = LabSpec.For(layout);
        // The load counts every client that goes back to X, as some do in a drill.
        Spec = spec with { Staging = new(), Traffic = spec.Traffic with { Drill = false } };
        await RestoreAsync(dump, layout.DatabaseX);
        NodeX = new KongNode(Spec.From, Spec.From.Nodes[0], _programs, TimeProvider.System);
        NodeY = new KongNode(Spec.To, Spec.To.Nodes[0], _programs, TimeProvider.System);
        await NodeX.StartAsync(CancellationToken.None);
    }

    private async Task RestoreAsync(string dump, string database)
    {
        await Postgres.CreateDatabaseAsync(database);
        var restored = await _programs.RunAsync(
            new ProgramCall
            {
                File = "pg_restore",
                Arguments = ["--no-owner", "--exit-on-error", "-h", "127.0.0.1", "-p", $"{Postgres.Port}", "-U", PostgresServer.User, "-d", database, dump],
                Timeout = TimeSpan.FromMinutes(1),
            },
            CancellationToken.None);
        Assert.True(restored.Succeeded, restored.Error);
    }

    private T Keep<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Push(part);
        return part;
    }
}

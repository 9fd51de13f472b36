using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.System.Tests.Mesh;

/// <summary>The real mesh: RabbitMQ, PostgreSQL, a coordinator and four agents for each datacenter, each a process of its own.</summary>
public sealed class MeshOfProcesses : IAsyncDisposable
{
    private static readonly string[] Agents = ["Backup", "Deploy", "Traffic", "Monitor"];
    private readonly string _directory = Directory.CreateTempSubdirectory("kum-mesh-").FullName;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private MeshOfProcesses()
    {
    }

    public RabbitMqServer Broker { get; private set; } = null!;

    public PostgresServer Postgres { get; private set; } = null!;

    public ServiceProcess Coordinator { get; private set; } = null!;

    /// <summary>The agents, by names such as <c>backup-eu1</c>.</summary>
    public Dictionary<string, ServiceProcess> AgentProcesses { get; } = [];

    public UpgradesClient Client { get; private set; } = null!;

    public static async Task<MeshOfProcesses> StartAsync(params string[] datacenters)
    {
        var mesh = new MeshOfProcesses();
        var broker = RabbitMqServer.StartAsync();
        mesh.Postgres = await PostgresServer.StartAsync();
        var database = await mesh.Postgres.CreateDatabaseAsync("kum");
        mesh.Broker = await broker;
        var common = new Dictionary<string, string?>
        {
            ["KUM_Bus__Host"] = "127.0.0.1",
            ["KUM_Bus__Port"] = mesh.Broker.Port.ToString(),
            ["KUM_Bus__VirtualHost"] = RabbitMqServer.VirtualHost,
            ["KUM_Bus__User"] = RabbitMqServer.User,
            ["KUM_BUS_PASSWORD"] = RabbitMqServer.Password,
        };
        var ports = LoopbackPorts.Take(1 + (datacenters.Length * Agents.Length));
        mesh.Coordinator = new ServiceProcess("coordinator", "Coordinator", ports[0], new Dictionary<string, string?>(common) { ["KUM_Messaging__ConnectionString"] = database });
        foreach (var (datacenter, agent, index) in datacenters.SelectMany(d => Agents.Select(a => (d, a))).Select((x, i) => (x.d, x.a, i + 1)))
        {
            var name = $"{agent.ToLowerInvariant()}-{datacenter}";
            mesh.AgentProcesses[name] = new ServiceProcess(name, agent + "Agent", ports[index], new Dictionary<string, string?>(common)
            {
                ["KUM_Agent__Datacenter"] = datacenter,
                ["KUM_Agent__Name"] = name,
                ["KUM_Agent__StateDirectory"] = Path.Combine(mesh._directory, name),
            });
        }

        foreach (var service in mesh.Services)
        {
            service.Start();
        }

        mesh.Client = new UpgradesClient(mesh.Coordinator.Address);
        foreach (var service in mesh.Services)
        {
            await mesh.AwaitReadyAsync(service);
        }

        return mesh;
    }

    public IEnumerable<ServiceProcess> Services => [Coordinator, .. AgentProcesses.Values];

    public Task AwaitReadyAsync(ServiceProcess service) => service.AwaitReadyAsync(_http);

    public Task<UpgradeView> ReadAsync(Guid upgradeId) => Client.CallAsync(api => api.GetAsync(upgradeId, CancellationToken.None), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await Task.WhenAll(Services.Select(s => s.DisposeAsync().AsTask()));
        await Broker.DisposeAsync();
        await Postgres.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}

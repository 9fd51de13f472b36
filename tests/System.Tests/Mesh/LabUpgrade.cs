using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Lab.Demo.Environments;
using KongUpgradeMesh.Lab.Demo.Reports;
using KongUpgradeMesh.Lab.Demo.Specs;
using KongUpgradeMesh.Lab.Demo.Traffic;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.System.Tests.Mesh;

/// <summary>A lab cluster with clients, upgraded by a mesh of processes.</summary>
public sealed class LabUpgrade : IAsyncDisposable
{
    private readonly string _directory;

    private LabUpgrade(DemoEnvironment environment, string directory, MeshOfProcesses mesh, Guid upgradeId)
    {
        Environment = environment;
        _directory = directory;
        UpgradeId = upgradeId;
        Watch = new RunWatch(mesh, upgradeId);
    }

    public DemoEnvironment Environment { get; }

    public Guid UpgradeId { get; }

    public RunWatch Watch { get; }

    /// <summary>Starts the cluster and its upgrade: by the REST API, or as <paramref name="start"/> does, which answers the upgrade's id.</summary>
    public static async Task<LabUpgrade> StartAsync(
        MeshOfProcesses mesh, string cluster, string datacenter, double requestsPerSecond, LabPacing pacing, PostgresServer? postgres = null,
        Func<DemoEnvironment, Task<Guid>>? start = null)
    {
        // Not CreateTempSubdirectory: PostgreSQL runs as another user and must be let through.
        var directory = Path.Combine(Path.GetTempPath(), $"kum-lab-{Guid.NewGuid().ToString("N")[..8]}");
        var environment = await DemoEnvironment.StartAsync(
            new DemoEnvironmentOptions
            {
                Directory = directory, Cluster = cluster, Datacenter = datacenter, RequestsPerSecond = requestsPerSecond, Pacing = pacing, Postgres = postgres,
            },
            TimeProvider.System,
            null,
            CancellationToken.None);
        try
        {
            return new LabUpgrade(environment, directory, mesh, await (start is null ? RequestAsync(mesh, environment) : start(environment)));
        }
        catch
        {
            await environment.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits for the end and proves what it left behind, past the mesh's own word.</summary>
    public async Task AssertCompletedAsync(TimeSpan deadline)
    {
        var timeline = await Watch.ReachesAsync("the end", t => t.Any(e => e.Kind is "ended" or "paused"), deadline);
        Assert.True(
            timeline[^1].Message.Contains("Completed", StringComparison.Ordinal),
            string.Join('\n', timeline.TakeLast(15).Select(static e => $"{e.At:T} {e.Phase} {e.Kind}: {e.Message} {e.Data}")));
        await Environment.Clients.StopAsync();
        var answers = new AnswerReading(Environment.Clients.Answers);
        Assert.True(answers.Failed == 0, string.Join('\n', Environment.Clients.Failures));
        Assert.Equal(0, answers.MovedBack(timeline.FirstOrDefault(static e => e.Kind == "traffic-drilled")?.At, null));
        Assert.All(await EndState.VerifyAsync(Environment, ClusterSide.Y, CancellationToken.None), check => Assert.True(check.Holds, $"{check.Name}: {check.Seen}"));
    }

    private static async Task<Guid> RequestAsync(MeshOfProcesses mesh, DemoEnvironment environment)
    {
        var accepted = await mesh.Client.CallAsync(
            api => api.StartAsync(
                new StartUpgradeRequest { RequestId = Guid.NewGuid().ToString(), RequestedBy = "system-test", Spec = SpecFile.ToJson(environment.Spec) }, CancellationToken.None),
            CancellationToken.None);
        return accepted.UpgradeId;
    }

    public async ValueTask DisposeAsync()
    {
        await Environment.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}

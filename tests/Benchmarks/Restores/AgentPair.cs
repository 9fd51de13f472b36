using KongUpgradeMesh.BackupAgent;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.DeployAgent;
using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.Hosting.Agents;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Benchmarks.Restores;

/// <summary>Backup and deploy agent in this process, whose steps are run one after the other as the coordinator would send them.</summary>
internal sealed class AgentPair : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kum-benchmark-agents-");
    private readonly DatabaseSpec _x;
    private readonly WebApplication _agents;

    private AgentPair(DatabaseSpec x)
    {
        _x = x;
        _agents = MeshApplication.Build(
            [
                "--Agent:Datacenter", "eu1", "--Agent:Name", "benchmark", "--Bus:Transport", "InMemory",
                "--Agent:StateDirectory", Path.Combine(_directory.FullName, "state"),
            ],
            [new BackupAgentModule(), new DeployAgentModule()],
            static builder => builder.Logging.ClearProviders());
    }

    public static AgentPair Start(DatabaseSpec x) => new(x);

    /// <summary>Freezes, backs up and restores once; afterwards the fence, the backup and the restored database are gone again, which does not count.</summary>
    public async Task<(TimeSpan Total, TimeSpan Freeze, TimeSpan Backup, TimeSpan Restore)> RunAsync(CancellationToken cancellationToken)
    {
        var run = new Run(Spec(), Guid.NewGuid());
        try
        {
            var frozen = await Timed.RunAsync(() => StepAsync<FreezeConfiguration, ConfigurationFrozen>(
                new() { Step = run.Step("freeze"), Datacenter = "eu1", Timeout = Limit, Spec = run.Spec }, cancellationToken));
            var taken = await Timed.RunAsync(() => StepAsync<TakeBackup, BackupTaken>(
                new() { Step = run.Step("take-backup"), Datacenter = "eu1", Timeout = Limit, Spec = run.Spec, Expected = frozen.Result.Fingerprint }, cancellationToken));
            var restored = await Timed.RunAsync(() => StepAsync<RestoreDatabase, DatabaseRestored>(
                new()
                {
                    Step = run.Step("restore"), Datacenter = "eu1", Timeout = Limit, Spec = run.Spec,
                    BackupLocation = taken.Result.Location, ManifestDigest = taken.Result.ManifestDigest, Expected = frozen.Result.Fingerprint,
                },
                cancellationToken));
            return (frozen.Time + taken.Time + restored.Time, frozen.Time, taken.Time, restored.Time);
        }
        finally
        {
            await StepAsync<UnfreezeConfiguration, ConfigurationUnfrozen>(
                new() { Step = run.Step("unfreeze"), Datacenter = "eu1", Timeout = Limit, Spec = run.Spec, Sides = [ClusterSide.X] }, CancellationToken.None);
            await BulkKong.RunToolAsync(_x, "dropdb", ["--if-exists", run.Spec.To.Database.Name], CancellationToken.None);
            Directory.Delete(run.Spec.Backup.Directory, recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _agents.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task<TEvent> StepAsync<TCommand, TEvent>(TCommand command, CancellationToken cancellationToken)
        where TCommand : class, IStepCommand
        where TEvent : class, IStepEvent
    {
        await using var scope = _agents.Services.CreateAsyncScope();
        return (TEvent)await scope.ServiceProvider.GetRequiredService<IStepHandler<TCommand>>()
            .RunAsync(new StepContext<TCommand>(command, "benchmark", new Silent()), cancellationToken);
    }

    // As a person would write it: everything that has a default has it. No node runs, so there is no declarative copy.
    private UpgradeSpec Spec() => new()
    {
        Cluster = "benchmark",
        Datacenter = "eu1",
        From = Cluster("2.8.5", _x),
        To = Cluster("3.4.2", _x with { Name = "kong_y" }),
        Backup = new BackupSpec { Directory = Path.Combine(_directory.FullName, "backups") },
        Traffic = new TrafficSpec { Driver = "none", Settings = new Dictionary<string, string>() },
    };

    private static ClusterSpec Cluster(string version, DatabaseSpec database) => new()
    {
        Version = version,
        Database = database,
        Deployment = new DeploymentSpec { Executable = "kong" },
        Nodes = [new NodeSpec { Name = "n1", Prefix = "/nowhere/" + version, Proxy = new Uri("http://127.0.0.1:1"), Admin = new Uri("http://127.0.0.1:2") }],
    };

    private sealed record Run(UpgradeSpec Spec, Guid UpgradeId)
    {
        public StepRef Step(string name) => new() { UpgradeId = UpgradeId, Cluster = Spec.Cluster, Lane = StepLanes.Main, Name = name, Epoch = 1, Sequence = 1, Attempt = 1 };
    }

    private sealed class Silent : IStepPublisher
    {
        public Task PublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task TryPublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

using KongUpgradeMesh.BackupAgent.Backups;
using KongUpgradeMesh.BackupAgent.Freezing;
using KongUpgradeMesh.BackupAgent.Journaling;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Programs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.Tests.BackupAgent;

/// <summary>One upgrade whose steps are run directly against real databases and a real directory.</summary>
internal sealed class Bench : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddKongApis().BuildServiceProvider();

    public Bench(DatabaseSpec x, DatabaseSpec? y = null)
    {
        Spec = new UpgradeSpec
        {
            Cluster = "shop",
            Datacenter = "eu1",
            From = Cluster("2.8.5", x),
            To = Cluster("3.4.2", y ?? x with { Name = "y_" + Guid.NewGuid().ToString("N")[..12] }),
            Backup = new BackupSpec { Directory = Directory.FullName },
            Traffic = new TrafficSpec { Driver = "none", Settings = new Dictionary<string, string>() },
        };
    }

    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("kum-backup-");

    public Guid UpgradeId { get; } = Guid.NewGuid();

    public UpgradeSpec Spec { get; set; }

    public RecordingPublisher Publisher { get; } = new();

    public BackupCatalog Catalog => new(Spec.Backup.Directory, Spec.Cluster);

    /// <summary>The agent's own key lies beside the backups.</summary>
    public SigningKeys SigningKeys => new(Path.Combine(Directory.FullName, "state", "manifest-key.pem"));

    public BackupOpener Opener => new(Path.Combine(Directory.FullName, "opened"));

    public IProgramRunner Programs { get; } = new ProgramRunner(TimeProvider.System);

    private static IKongApis Apis { get; } = new ServiceCollection().AddKongApis().BuildServiceProvider().GetRequiredService<IKongApis>();

    public async Task<ConfigurationFrozen> FreezeAsync() => (ConfigurationFrozen)await RunAsync(
        new FreezeConfigurationHandler(new NodePropagation(Apis, TimeProvider.System, NullLogger<NodePropagation>.Instance), TimeProvider.System, NullLogger<FreezeConfigurationHandler>.Instance),
        new FreezeConfiguration { Step = Step("freeze"), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec });

    public async Task<FreezeVerified> VerifyAsync(ConfigurationFingerprint x, ConfigurationFingerprint? y = null) => (FreezeVerified)await RunAsync(
        new VerifyFreezeHandler(TimeProvider.System),
        new VerifyFreeze { Step = Step("verify-freeze"), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec, ExpectedX = x, ExpectedY = y });

    public Task<IStepEvent> GuardAsync(TimeProvider clock, CancellationToken cancellationToken, params ClusterSide[] sides) => RunAsync(
        new GuardFreezeHandler(clock),
        new GuardFreeze { Step = Step("guard-freeze") with { Lane = StepLanes.Guard }, Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec, Sides = sides },
        cancellationToken);

    public Task<ConfigurationUnfrozen> UnfreezeAsync(params ClusterSide[] sides) => UnfreezeAsync(journalY: false, sides);

    public async Task<ConfigurationUnfrozen> UnfreezeAsync(bool journalY, params ClusterSide[] sides) => (ConfigurationUnfrozen)await RunAsync(
        new UnfreezeConfigurationHandler(Journals(TimeProvider.System), TimeProvider.System, NullLogger<UnfreezeConfigurationHandler>.Instance),
        new UnfreezeConfiguration { Step = Step("unfreeze"), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec, Sides = sides, JournalY = journalY });

    /// <summary>The keeper of journals as an agent has it after each start: what it knows is in its files.</summary>
    public JournalKeeper Journals(TimeProvider clock) => new(
        Options.Create(new AgentOptions { Datacenter = "eu1", Name = "test", StateDirectory = Directory.FullName }), clock, NullLogger<JournalKeeper>.Instance);

    public async Task<BackupTaken> BackUpAsync(ConfigurationFingerprint expected, CancellationToken cancellationToken = default) => (BackupTaken)await RunAsync(
        new TakeBackupHandler(
            new DatabaseDump(new PostgresTools(Programs), TimeProvider.System, NullLogger<DatabaseDump>.Instance),
            new RestoreTest(new PostgresTools(Programs), TimeProvider.System, NullLogger<RestoreTest>.Instance),
            new ClusterFiles(),
            new DeclarativeBackup(_services.GetRequiredService<IKongApis>(), NullLogger<DeclarativeBackup>.Instance),
            SigningKeys,
            new BackupShelf(NullLogger<BackupShelf>.Instance),
            TimeProvider.System,
            NullLogger<TakeBackupHandler>.Instance),
        new TakeBackup { Step = Step("take-backup"), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(5), Spec = Spec, Expected = expected },
        cancellationToken);

    /// <summary>The code of the failure that the step ends with.</summary>
    public static async Task<Failure> FailureOfAsync(Func<Task> step) => (await Assert.ThrowsAsync<StepFailedException>(step)).Failure;

    /// <summary>Installs this upgrade's fence on any database, as the deploy agent does on cluster Y.</summary>
    public async Task FenceAsync(DatabaseSpec database)
    {
        await using var connection = await new KongDatabase(database, static s => s).OpenAdminAsync(CancellationToken.None);
        await new WriteFence(FenceOptions.Of(UpgradeId, database, Spec.Freeze), TimeProvider.System).InstallAsync(connection, CancellationToken.None);
    }

    public static async Task<ConfigurationFingerprint> FingerprintAsync(DatabaseSpec database)
    {
        await using var connection = await new KongDatabase(database, static s => s).OpenAdminAsync(CancellationToken.None);
        return await ConfigurationFingerprinter.TakeAsync(connection, database.Schema, FingerprintScope.Default, CancellationToken.None);
    }

    public void Dispose()
    {
        _services.Dispose();
        Directory.Delete(recursive: true);
    }

    private static ClusterSpec Cluster(string version, DatabaseSpec database) => new()
    {
        Version = version,
        Database = database,
        Deployment = new DeploymentSpec { Executable = "/usr/local/bin/kong" },
        Nodes = [new NodeSpec { Name = "n1", Prefix = "/tmp/none-" + version, Proxy = new Uri("http://127.0.0.1:1"), Admin = new Uri("http://127.0.0.1:2") }],
    };

    private StepRef Step(string name) => new() { UpgradeId = UpgradeId, Cluster = "shop", Lane = StepLanes.Main, Name = name, Epoch = 1, Sequence = 1, Attempt = 1 };

    private async Task<IStepEvent> RunAsync<TCommand>(IStepHandler<TCommand> handler, TCommand command, CancellationToken cancellationToken = default)
        where TCommand : class, IStepCommand
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(command.Timeout);
        return await handler.RunAsync(new StepContext<TCommand>(command, "backup@test", Publisher), limit.Token);
    }
}

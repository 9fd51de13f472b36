using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.DeadMan;
using KongUpgradeMesh.TrafficAgent.Incidents;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;
using KongUpgradeMesh.TrafficAgent.Reflexes;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Stops;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;
using KongUpgradeMesh.TrafficAgent.Tests.Drivers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KongUpgradeMesh.TrafficAgent.Tests.Steps;

/// <summary>The traffic agent without its bus, before a real HAProxy and two one-node clusters.</summary>
public sealed class TestAgent : IAsyncDisposable
{
    private static readonly string[] AtStart = ["IntentConvergence", "UnfinishedStops"];
    private static readonly string[] Watches = ["SplitWatch", "ShareWatch"];
    private TimeProvider _clock = new PatientClock();
    private ServiceProvider _services = null!;

    public Guid Upgrade { get; } = Guid.NewGuid();

    /// <summary>Where the agent keeps what must outlive it.</summary>
    public string State { get; } = Directory.CreateTempSubdirectory("kum-traffic-").FullName;

    public TrafficSpec? Wishes { get; set; }

    public EchoBackend X { get; private init; } = null!;

    public EchoBackend Y { get; private init; } = null!;

    public HAProxyTestBalancer Balancer { get; private init; } = null!;

    public Contacts Contacts => _services.GetRequiredService<Contacts>();

    public DeadManSwitch DeadMan => _services.GetRequiredService<DeadManSwitch>();

    public TrafficReflex Reflex => _services.GetRequiredService<TrafficReflex>();

    public TrafficMarks Marks => _services.GetRequiredService<TrafficMarks>();

    public TrafficStop Stop => _services.GetRequiredService<TrafficStop>();

    /// <summary>What the agent has told the coordinator without being asked, and no broker has taken yet.</summary>
    public IReadOnlyList<TrafficIncident> Incidents => [.. _services.GetRequiredService<IncidentBox>().Pending().Select(static p => p.Incident)];

    public IServiceProvider Services => _services;

    public TrafficIntents Intents => _services.GetRequiredService<TrafficIntents>();

    public static async Task<TestAgent> StartAsync(bool weights = false)
    {
        var x = await EchoBackend.StartAsync("x");
        var y = await EchoBackend.StartAsync("y");
        var agent = new TestAgent { X = x, Y = y, Balancer = weights ? await HAProxyTestBalancer.StartWeightsAsync(x, y) : await HAProxyTestBalancer.StartAsync(x, y) };
        agent.Restart();
        return agent;
    }

    /// <summary>A new process as far as the agent's own memory goes; <paramref name="clock"/> leads the agent's own waits from then on.</summary>
    public void Restart(TimeProvider? clock = null)
    {
        _clock = clock ?? _clock;
        _services?.Dispose();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(_clock);
        services.AddSingleton<IStepPublisher, SilentPublisher>();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Agent:Datacenter"] = "eu1",
            ["Agent:Name"] = "test",
            ["Agent:StateDirectory"] = State,
            ["SplitWatch:Interval"] = "00:00:00.25",
            ["SplitWatch:ShareInterval"] = "00:00:00.1",
        }).Build();
        new TrafficAgentModule().AddServices(services, configuration);
        // Without a bus nobody could hear the beats.
        foreach (var beats in services.Where(static s => s.ServiceType == typeof(IHostedService) && !AtStart.Concat(Watches).Contains(s.ImplementationType?.Name)).ToList())
        {
            services.Remove(beats);
        }

        _services = services.BuildServiceProvider();
    }

    /// <summary>Lets the agent look at its splits from now on, every 100 ms.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        foreach (var watch in _services.GetServices<IHostedService>().Where(static s => Watches.Contains(s.GetType().Name)))
        {
            await watch.StartAsync(cancellationToken);
        }
    }

    /// <summary>Runs what the agent does by itself when it starts, to its end.</summary>
    public async Task ConvergeAsync(CancellationToken cancellationToken)
    {
        foreach (var service in _services.GetServices<IHostedService>().Where(static s => AtStart.Contains(s.GetType().Name)).Cast<BackgroundService>())
        {
            await service.StartAsync(cancellationToken);
            await service.ExecuteTask!.WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
        }
    }

    /// <summary>An agent that has never been here before, as after a lost disk.</summary>
    public void Forget()
    {
        Directory.Delete(State, recursive: true);
        Directory.CreateDirectory(State);
        Restart();
    }

    /// <summary>What the spec says of foreign changes.</summary>
    public ForeignChangeChoice OnForeignChange { get; set; } = ForeignChangeChoice.Pause;

    /// <summary>The driver's settings; null for those of the balancer.</summary>
    public IReadOnlyDictionary<string, string>? Settings { get; set; }

    public UpgradeSpec Spec(IReadOnlyDictionary<string, string>? settings = null) => new()
    {
        Cluster = "shop",
        Datacenter = "eu1",
        From = Cluster("2.8.5", X),
        To = Cluster("3.4.2", Y),
        Backup = new BackupSpec { Directory = "/nowhere" },
        Traffic = (Wishes ?? new TrafficSpec { Driver = "", Settings = new Dictionary<string, string>(), OnForeignChange = OnForeignChange }) with { Driver = Balancer.Driver, Settings = settings ?? Settings ?? Balancer.Settings },
    };

    public TrafficRecord Record(int epoch, int step, int weightY) =>
        new() { UpgradeId = Upgrade, Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weightY } };

    public Task<TrafficPrepared> PrepareAsync(int epoch, UpgradeSpec? spec = null) => RunAsync<PrepareTraffic, TrafficPrepared>(
        new PrepareTraffic { Step = Step("prepare-traffic", epoch), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(1), Spec = spec ?? Spec() });

    public Task<TrafficDrilled> DrillAsync(int epoch, UpgradeSpec? spec = null) => RunAsync<DrillTraffic, TrafficDrilled>(
        new DrillTraffic { Step = Step("drill-traffic", epoch), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(1), Spec = spec ?? Spec() });

    public Task<TrafficReleased> ReleaseAsync(int epoch) => RunAsync<ReleaseTraffic, TrafficReleased>(
        new ReleaseTraffic { Step = Step("release-traffic", epoch), Datacenter = "eu1", Timeout = TimeSpan.FromMinutes(1), Spec = Spec() });

    public Task<TrafficShifted> ShiftAsync(int epoch, int step, int weightY, bool overForeign = false) =>
        RunAsync<ShiftTraffic, TrafficShifted>(Shift(epoch, step, weightY) with { OverForeign = overForeign });

    public Task<TrafficShifted> RunAsync(ShiftTraffic shift, CancellationToken? cancellationToken = null) => RunAsync<ShiftTraffic, TrafficShifted>(shift, cancellationToken);

    public ShiftTraffic Shift(int epoch, int step, int weightY) => new()
    {
        Step = Step($"shift-{weightY}", epoch),
        Datacenter = "eu1",
        Timeout = TimeSpan.FromSeconds(10),
        Spec = Spec(),
        Split = new TrafficSplit { WeightY = weightY },
        TrafficStep = step,
    };

    public Task<TrafficRestored> RestoreAsync(int epoch, TimeSpan? timeout = null) => RunAsync<RestoreTraffic, TrafficRestored>(new RestoreTraffic
    {
        Step = Step("restore-traffic", epoch),
        Datacenter = "eu1",
        Timeout = timeout ?? TimeSpan.FromMinutes(1),
        Spec = Spec(),
        Reason = "test",
    });

    public Task<TrafficCommitted> CommitAsync(int epoch) => RunAsync<CommitTraffic, TrafficCommitted>(
        new CommitTraffic { Step = Step("commit-traffic", epoch), Datacenter = "eu1", Timeout = TimeSpan.FromSeconds(10), Spec = Spec() });

    /// <summary>A judgement as the monitor agent publishes it.</summary>
    public VerdictReached Verdict(int epoch, int trafficStep, Verdict verdict = Contracts.Monitoring.Verdict.Failed, WatchPurpose purpose = WatchPurpose.Step, int sequence = 2) => new()
    {
        Step = new StepRef { UpgradeId = Upgrade, Cluster = "shop", Lane = StepLanes.Watch, Name = "watch-step", Epoch = epoch, Sequence = sequence, Attempt = 1 },
        Agent = "monitor@test",
        Verdict = verdict,
        Purpose = purpose,
        TrafficStep = trafficStep,
        Findings = [new VerdictFinding { Indicator = "error-rate", Verdict = verdict, Message = "Y answers 5xx" }],
        RequestsX = 100,
        RequestsY = 100,
    };

    /// <summary>What the balancer holds.</summary>
    public Task<ObservedTraffic> ReadAsync() => Balancer.Factory.Create(new TrafficAgent.Drivers.DriverSettings(Balancer.Settings)).ReadAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Balancer.DisposeAsync();
        await X.DisposeAsync();
        await Y.DisposeAsync();
        Directory.Delete(State, recursive: true);
    }

    private static ClusterSpec Cluster(string version, EchoBackend node) => new()
    {
        Version = version,
        Database = new DatabaseSpec { Host = "127.0.0.1", Name = "kong", User = "kong" },
        Deployment = new DeploymentSpec { Executable = "/nowhere/kong" },
        // Nobody listens at the Admin API: moving traffic must not need it.
        Nodes = [new NodeSpec { Name = "n1", Prefix = "/nowhere", Proxy = node.Address, Admin = new Uri("http://127.0.0.1:1"), Status = node.Address }],
    };

    private StepRef Step(string name, int epoch) =>
        new() { UpgradeId = Upgrade, Cluster = "shop", Lane = StepLanes.Main, Name = name, Epoch = epoch, Sequence = 1, Attempt = 1 };

    private async Task<TEvent> RunAsync<TCommand, TEvent>(TCommand command, CancellationToken? cancellationToken = null)
        where TCommand : class, IStepCommand
    {
        await using var scope = _services.CreateAsyncScope();
        var handler = scope.ServiceProvider.GetRequiredService<IStepHandler<TCommand>>();
        var context = new StepContext<TCommand>(command, "traffic@test", scope.ServiceProvider.GetRequiredService<IStepPublisher>());
        return (TEvent)await handler.RunAsync(context, cancellationToken ?? TestContext.Current.CancellationToken);
    }

    private sealed class SilentPublisher : IStepPublisher
    {
        public Task PublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task TryPublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

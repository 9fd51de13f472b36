using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting;
using KongUpgradeMesh.TrafficAgent;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Splits;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Benchmarks.Traffic;

/// <summary>A traffic agent on a bus, before a real load balancer with clients and two clusters.</summary>
internal sealed class ReflexBench : IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("kum-benchmark-reflex-");
    private readonly Guid _upgrade = Guid.NewGuid();
    private readonly UpgradeSpec _spec;
    private readonly SplitClients _clients;
    private readonly WebApplication _agent;
    private int _epoch;

    private ReflexBench(string driver, IReadOnlyDictionary<string, string> settings, NamedBackend x, NamedBackend y, SplitClients clients)
    {
        _clients = clients;
        _spec = new UpgradeSpec
        {
            Cluster = "benchmark",
            Datacenter = "eu1",
            From = Cluster(x),
            To = Cluster(y),
            Backup = new BackupSpec { Directory = "/nowhere" },

            // No coordinator beats here: the dead-man switch would act before the reflex is measured.
            Traffic = new TrafficSpec { Driver = driver, Settings = settings, DeadMan = new DeadManSpec { After = TimeSpan.FromHours(1) } },
        };
        _agent = MeshApplication.Build(
            ["--Agent:Datacenter", "eu1", "--Agent:Name", "benchmark", "--Bus:Transport", "InMemory", "--Agent:StateDirectory", _state.FullName],
            [new TrafficAgentModule()],
            static builder =>
            {
                builder.Logging.ClearProviders();
                builder.WebHost.UseUrls("http://127.0.0.1:0");
            });
    }

    public static async Task<ReflexBench> StartAsync(
        string driver, IReadOnlyDictionary<string, string> settings, NamedBackend x, NamedBackend y, SplitClients clients, CancellationToken cancellationToken)
    {
        var bench = new ReflexBench(driver, settings, x, y, clients);
        await bench._agent.StartAsync(cancellationToken);
        return bench;
    }

    /// <summary>Puts half of the clients on Y, publishes a failed verdict, and measures until the balancer reports 0 % on Y, and until the last request began that Y answered.</summary>
    public async Task<(double Reported, double Observed)> RunAsync(CancellationToken cancellationToken)
    {
        _epoch++;
        var driver = _agent.Services.GetRequiredService<TrafficDriverCatalog>().Create(_spec.Traffic);
        var record = new TrafficRecord { UpgradeId = _upgrade, Epoch = _epoch, Step = 1, Split = new TrafficSplit { WeightY = 50 } };
        var intents = _agent.Services.GetRequiredService<TrafficIntents>();
        var intent = TrafficIntent.Of(record, _spec, isRestore: false, Step(StepLanes.Main, "shift-50"));
        intents.Write(intent);
        await driver.ApplyAsync(record, overForeign: false, cancellationToken);
        intents.End(intent, IntentState.Confirmed);
        await _clients.AwaitAsync(sideY: true, 50, cancellationToken);

        var breach = TimeProvider.System.GetTimestamp();
        await _agent.Services.GetRequiredService<IBus>().Publish(Failed(), cancellationToken);
        while ((await driver.ReadAsync(cancellationToken)).Split.WeightY > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
        }

        var reported = TimeProvider.System.GetElapsedTime(breach).TotalSeconds;
        await _clients.AwaitAsync(sideY: false, 200, cancellationToken);
        await AwaitConfirmedAsync(intents, cancellationToken);
        var last = _clients.LastOnY;
        return (reported, last > breach ? TimeProvider.System.GetElapsedTime(breach, last).TotalSeconds : 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.StopAsync();
        await _agent.DisposeAsync();
        _state.Delete(recursive: true);
    }

    // The next run must not begin while this one is still being verified.
    private async Task AwaitConfirmedAsync(TrafficIntents intents, CancellationToken cancellationToken)
    {
        while (intents.Find(_upgrade) is not { IsRestore: true, State: IntentState.Confirmed })
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }
    }

    private static ClusterSpec Cluster(NamedBackend backend) => new()
    {
        Version = "3.4.2",
        Database = new DatabaseSpec { Host = "127.0.0.1", Name = "kong", User = "kong" },
        Deployment = new DeploymentSpec { Executable = "/nowhere/kong" },
        Nodes = [new NodeSpec { Name = "n1", Prefix = "/nowhere", Proxy = backend.Address, Admin = backend.Address }],
    };

    private StepRef Step(string lane, string name) =>
        new() { UpgradeId = _upgrade, Cluster = "benchmark", Lane = lane, Name = name, Epoch = _epoch, Sequence = _epoch, Attempt = 1 };

    private VerdictReached Failed() => new()
    {
        Step = Step(StepLanes.Watch, "watch-step"),
        Agent = "monitor@benchmark",
        Verdict = Verdict.Failed,
        Purpose = WatchPurpose.Step,
        TrafficStep = 1,
        Findings = [new VerdictFinding { Indicator = "error-rate", Verdict = Verdict.Failed, Message = "a benchmark's" }],
        RequestsX = 1,
        RequestsY = 1,
    };
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Sources;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>What is found before anything is frozen.</summary>
public sealed class Preparing : IDisposable
{
    private static readonly MonitorSpec Quick = new() { ScrapeInterval = TimeSpan.FromMilliseconds(250), BlindAfter = TimeSpan.FromSeconds(30) };

    private readonly KongStatusSource _source = new(TimeProvider.System);
    private readonly string _directory = Directory.CreateTempSubdirectory("kum-prepare-").FullName;

    private string Log => Path.Combine(_directory, "kum.log");

    public void Dispose()
    {
        _source.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Everything_is_read_once()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 10);
        await File.WriteAllTextAsync(Log, "", TestContext.Current.CancellationToken);
        var prepared = await PrepareAsync(Quick with { Sources = [Nginx(Log)] }, x.Spec);
        Assert.Equal((1, 1, false), (prepared.NodesX, prepared.Balancers, prepared.ByPrometheus));
        Assert.Equal(1, x.Answers / 2);
    }

    [Fact]
    public async Task All_that_cannot_be_read_is_said_at_once()
    {
        await using var well = await KongNode.StartAsync(is3: false, rate: 10);
        await using var sick = await KongNode.StartAsync(is3: false, rate: 10);
        sick.Instead = "<html>\n";
        var probe = new ProbeSpec { Name = "shop", Path = "/shop", Headers = new Dictionary<string, string> { ["apikey"] = "env:KUM_NO_SUCH_SECRET" } };
        var failure = await FailsAsync(Quick with { Sources = [Nginx(Log)], Probes = [probe] }, well.Spec, sick.Spec with { Name = "n2" });
        Assert.Equal(FailureCodes.SecretNotFound, failure.Code);
        Assert.Collection(
            failure.Details,
            static d => Assert.StartsWith("Header apikey of probe shop: ", d, StringComparison.Ordinal),
            static d => Assert.StartsWith("Node n2 of cluster X: ", d, StringComparison.Ordinal),
            d => Assert.Contains(Log + " does not exist", d, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_that_is_away_only_for_a_moment_is_not_away()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 10);
        x.Garbled = 1;

        Assert.Equal(1, (await PrepareAsync(Quick, x.Spec)).NodesX);
        Assert.Equal(2, x.Answers / 2);
    }

    [Fact]
    public async Task Wrong_settings_are_all_named()
    {
        await using var x = await KongNode.StartAsync(is3: false, rate: 10);
        var haproxy = new MetricSourceSpec { Kind = "haproxy", Settings = new Dictionary<string, string> { ["socket"] = "nowhere", ["backendX"] = "x" } };
        var failure = await FailsAsync(Quick with { Sources = [haproxy, Nginx("kum.log")] }, x.Spec);
        Assert.Equal(FailureCodes.SpecInvalid, failure.Code);
        Assert.Equal(
            ["monitor.sources[0].settings.socket", "monitor.sources[0].settings.backendY", "monitor.sources[1].settings.log"],
            failure.Details.Select(static d => d.Split(' ')[0]));
        Assert.Equal(0, x.Answers);
    }

    private static MetricSourceSpec Nginx(string log) => new() { Kind = "nginx", Settings = new Dictionary<string, string> { ["log"] = log } };

    private async Task<MonitoringPrepared> PrepareAsync(MonitorSpec monitor, params IReadOnlyList<NodeSpec> x) =>
        (MonitoringPrepared)await new PrepareMonitoringHandler(_source, TimeProvider.System).RunAsync(
            new StepContext<PrepareMonitoring>(Specs.Prepare(monitor, x), "monitor@test", new RecordingPublisher()), TestContext.Current.CancellationToken);

    private async Task<Failure> FailsAsync(MonitorSpec monitor, params IReadOnlyList<NodeSpec> x) =>
        (await Assert.ThrowsAsync<StepFailedException>(() => PrepareAsync(monitor, x))).Failure;
}

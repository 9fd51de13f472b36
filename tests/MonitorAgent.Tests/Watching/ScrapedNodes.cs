using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.MonitorAgent.Tests.Sources;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>A node of each cluster and a real Prometheus that scrapes both.</summary>
public sealed class ScrapedNodes : IAsyncLifetime
{
    internal const int RateY = 30;
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string _directory = Directory.CreateTempSubdirectory("kum-prometheus-").FullName;

    internal KongNode X { get; private set; } = null!;

    internal KongNode Y { get; private set; } = null!;

    internal PrometheusServer Prometheus { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        X = await KongNode.StartAsync(is3: false, rate: 90);
        Y = await KongNode.StartAsync(is3: true, RateY);
        Prometheus = await StartPrometheusAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Prometheus.DisposeAsync();
        await X.DisposeAsync();
        await Y.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Another that scrapes the same nodes, for a test to end.</summary>
    internal Task<PrometheusServer> StartPrometheusAsync() => PrometheusServer.StartAsync(
        Path.Combine(_directory, Guid.NewGuid().ToString("N")), Interval, [(X.Spec.Status!, "kong-x"), (Y.Spec.Status!, "kong-y")], TestContext.Current.CancellationToken);
}

using System.Diagnostics;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Demo.Configuration;
using KongUpgradeMesh.Lab.Demo.Faults;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>One node of the bench: a process of its own that can be told to fail.</summary>
internal sealed class BenchNode(ClusterSpec cluster, NodeSpec spec)
{
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly Lab.Demo.Clusters.KongNode _kong = new(cluster, spec, new ProgramRunner(TimeProvider.System), TimeProvider.System);

    public NodeSpec Spec => spec;

    public string Name => spec.Name;

    /// <summary>Starts it where it does not run.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => _kong.ProcessId is null ? _kong.StartAsync(cancellationToken) : Task.CompletedTask;

    public Task StopAsync() => _kong.StopAsync(CancellationToken.None);

    /// <summary>Starts the first node of a cluster on an empty database and creates the configuration.</summary>
    public async Task BeginAsync(IReadOnlyList<AdminWrite> writes, CancellationToken cancellationToken)
    {
        await _kong.BootstrapAsync(cancellationToken);
        await _kong.StartAsync(cancellationToken);
        await ConfigurationSeeder.SeedAsync(spec.Admin, writes, cancellationToken);
    }

    /// <summary>Gives the node a fault plan and waits until it is in force.</summary>
    public async Task FailAsync(string plan, CancellationToken cancellationToken)
    {
        var file = Path.Combine(spec.Prefix, FaultInjection.FileName);
        await File.WriteAllTextAsync(file + ".new", plan, cancellationToken);
        File.Move(file + ".new", file, overwrite: true);
        var applied = Path.Combine(spec.Prefix, FaultInjection.AppliedFileName);
        await Eventually.HoldsAsync(
            $"{Name} takes the fault plan {plan}", async () => File.Exists(applied) && await File.ReadAllTextAsync(applied, cancellationToken) == plan, BenchLimits.Patience, cancellationToken);
    }

    /// <summary>Ends the process at once, as a crash does.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        using var process = Process.GetProcessById(_kong.ProcessId ?? throw new InvalidOperationException($"{Name} does not run"));
        process.Kill();
        await Eventually.HoldsAsync($"{Name} is dead", () => Task.FromResult(_kong.ProcessId is null), BenchLimits.Patience, cancellationToken);
    }

    /// <summary>Requests that it has counted since its counters began.</summary>
    public async Task<double> CountedAsync(CancellationToken cancellationToken)
    {
        await using var metrics = await Client.GetStreamAsync(new Uri(spec.Status!, "/metrics"), cancellationToken);
        return (await KongMetricsReader.ReadAsync(metrics, ExpositionLimits.Default, cancellationToken)).CountRequests();
    }

    /// <summary>Waits until it serves what the clients ask for.</summary>
    public Task ServesAsync(CancellationToken cancellationToken) => Eventually.HoldsAsync(
        $"{Name} serves",
        async () =>
        {
            using var key = new HttpRequestMessage(HttpMethod.Get, new Uri(spec.Proxy, BenchConfiguration.KeyRequests[0].Path));
            foreach (var (name, value) in BenchConfiguration.KeyClients[^1].Headers)
            {
                key.Headers.TryAddWithoutValidation(name, value);
            }

            using var first = await Client.SendAsync(key, cancellationToken);
            using var second = await Client.GetAsync(new Uri(spec.Proxy, BenchConfiguration.OpenRequests[0].Path), cancellationToken);
            return first.IsSuccessStatusCode && second.IsSuccessStatusCode;
        },
        BenchLimits.Patience,
        cancellationToken);
}

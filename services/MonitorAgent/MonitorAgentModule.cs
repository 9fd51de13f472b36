using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Watching;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.MonitorAgent;

/// <summary>The agent that watches both clusters of a datacenter and judges cluster Y.</summary>
public sealed class MonitorAgentModule : AgentModule
{
    /// <inheritdoc/>
    public override string ServiceName => "kum-monitor-agent";

    /// <inheritdoc/>
    protected override AgentKind Kind => AgentKind.Monitor;

    /// <inheritdoc/>
    protected override void AddSteps() => Handle<WatchTraffic, WatchTrafficHandler>();

    /// <inheritdoc/>
    protected override void AddAgentServices(IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddKongApis();
        services.TryAddSingleton<LimitSurvey>();
        services.TryAddSingleton<IMetricSource, KongStatusSource>();
        services.TryAddSingleton<IReferenceStore>(static provider =>
        {
            var options = provider.GetRequiredService<IOptions<AgentOptions>>().Value;
            return new FileReferenceStore(
                Path.Combine(options.StateDirectory, $"monitor-{options.Name}", "references"),
                provider.GetRequiredService<ILogger<FileReferenceStore>>());
        });
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.MonitorAgent.Recordings;
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
    protected override void AddSteps()
    {
        Handle<PrepareMonitoring, PrepareMonitoringHandler>();
        Handle<WatchTraffic, WatchTrafficHandler>();
    }

    /// <inheritdoc/>
    protected override void AddAgentServices(IServiceCollection services, IConfiguration configuration)
    {
        AddReading(services);
        services.AddOptions<RecordingOptions>().Bind(configuration.GetSection(RecordingOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<IWatchRecorder>(static provider =>
        {
            var options = provider.GetRequiredService<IOptions<AgentOptions>>().Value;
            return new DirectoryRecorder(
                Path.Combine(options.StateDirectory, $"monitor-{options.Name}", "recordings"),
                provider.GetRequiredService<IOptions<RecordingOptions>>().Value,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<DirectoryRecorder>>());
        });
        services.TryAddSingleton<IReferenceStore>(static provider =>
        {
            var options = provider.GetRequiredService<IOptions<AgentOptions>>().Value;
            return new FileReferenceStore(
                Path.Combine(options.StateDirectory, $"monitor-{options.Name}", "references"),
                provider.GetRequiredService<ILogger<FileReferenceStore>>());
        });
    }

    /// <summary>What reads the nodes, for the agent and for its command line alike.</summary>
    internal static void AddReading(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IMetricSource, KongStatusSource>();
        services.AddKongApis();
        services.TryAddSingleton<LimitSurvey>();
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;
using KongUpgradeMesh.TrafficAgent.Drivers.Nginx;
using KongUpgradeMesh.TrafficAgent.Fitness;
using KongUpgradeMesh.TrafficAgent.Incidents;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Ownership;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Steps;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.TrafficAgent;

/// <summary>The agent that drives load balancers. A new balancer is one folder below Drivers and one line here.</summary>
public sealed class TrafficAgentModule : AgentModule
{
    /// <inheritdoc/>
    public override string ServiceName => "kum-traffic-agent";

    /// <inheritdoc/>
    protected override AgentKind Kind => AgentKind.Traffic;

    /// <inheritdoc/>
    protected override void AddSteps()
    {
        Handle<PrepareTraffic, PrepareTrafficHandler>();
        Handle<DrillTraffic, DrillTrafficHandler>();
        Handle<ShiftTraffic, ShiftTrafficHandler>();
        Handle<RestoreTraffic, RestoreTrafficHandler>();
        Handle<ReleaseTraffic, ReleaseTrafficHandler>();
    }

    /// <inheritdoc/>
    protected override void AddAgentServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddProgramRunner();
        services.AddSingleton<ITrafficDriverFactory, HAProxyTrafficDriverFactory>();
        services.AddSingleton<ITrafficDriverFactory, NginxTrafficDriverFactory>();
        services.AddSingleton<TrafficDriverCatalog>();
        services.AddSingleton<TrafficIntents>();
        services.AddSingleton<FitnessProbe>();
        services.AddSingleton<TrafficRestorer>();
        services.AddSingleton<ShiftFitness>();
        services.AddSingleton<SplitOwnership>();
        services.AddSingleton<ITrafficIncidents, PublishedIncidents>();
        services.AddOptions<SplitWatchOptions>().Bind(configuration.GetSection(SplitWatchOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddHostedService<IntentConvergence>();
        services.AddHostedService<SplitWatch>();
        services.AddHostedService<ShareWatch>();
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Dns;
using KongUpgradeMesh.TrafficAgent.Drivers.Exec;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;
using KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;
using KongUpgradeMesh.TrafficAgent.Drivers.Nginx;
using KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;
using KongUpgradeMesh.TrafficAgent.Drivers.Webhook;
using KongUpgradeMesh.TrafficAgent.Fitness;
using KongUpgradeMesh.TrafficAgent.Intents;
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
        Handle<ShiftTraffic, ShiftTrafficHandler>();
        Handle<RestoreTraffic, RestoreTrafficHandler>();
    }

    /// <inheritdoc/>
    protected override void AddAgentServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddProgramRunner();
        services.AddSingleton<HAProxyAgentChecks>();
        services.AddHostedService(static s => s.GetRequiredService<HAProxyAgentChecks>());
        services.AddSingleton<ITrafficDriverFactory, HAProxyTrafficDriverFactory>();
        services.AddSingleton<ITrafficDriverFactory, NginxTrafficDriverFactory>();
        services.AddSingleton<ITrafficDriverFactory, KubernetesTrafficDriverFactory>();
        services.AddSingleton<ITrafficDriverFactory, WebhookTrafficDriverFactory>();
        services.AddSingleton<ITrafficDriverFactory, ExecTrafficDriverFactory>();
        services.AddSingleton<ITrafficDriverFactory, DnsTrafficDriverFactory>();
        services.AddSingleton<ITrafficDriverFactory, PowerDnsTrafficDriverFactory>();
        services.AddSingleton<TrafficDriverCatalog>();
        services.AddSingleton<TrafficIntents>();
        services.AddSingleton<FitnessProbe>();
        services.AddSingleton<TrafficRestorer>();
        services.AddHostedService<IntentConvergence>();
    }
}

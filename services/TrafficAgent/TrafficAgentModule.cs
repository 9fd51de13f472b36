using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.DeadMan;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Dns;
using KongUpgradeMesh.TrafficAgent.Drivers.Exec;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;
using KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;
using KongUpgradeMesh.TrafficAgent.Drivers.Nginx;
using KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;
using KongUpgradeMesh.TrafficAgent.Drivers.Webhook;
using KongUpgradeMesh.TrafficAgent.Fitness;
using KongUpgradeMesh.TrafficAgent.Incidents;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;
using KongUpgradeMesh.TrafficAgent.Ownership;
using KongUpgradeMesh.TrafficAgent.Reflexes;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Steps;
using KongUpgradeMesh.TrafficAgent.Stops;
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
        Handle<CommitTraffic, CommitTrafficHandler>();
        Hear<VerdictConsumer>();
        Hear<ContactConsumer>();
        Handle<ReleaseTraffic, ReleaseTrafficHandler>();
    }

    /// <inheritdoc/>
    protected override void AddAgentServices(IServiceCollection services, IConfiguration configuration)
    {
        AddTraffic(services);
        services.AddHostedService(static s => s.GetRequiredService<HAProxyAgentChecks>());
        services.AddSingleton<TrafficReflex>();
        services.AddSingleton<Contacts>();
        services.AddSingleton<DeadManSwitch>();
        services.AddHostedService(static provider => provider.GetRequiredService<DeadManSwitch>());
        services.AddHostedService<IncidentReporter>();
        services.AddHostedService<UnfinishedStops>();
        services.AddHostedService<IntentConvergence>();
        services.AddSingleton<ShiftFitness>();
        services.AddSingleton<SplitOwnership>();
        services.AddSingleton<SplitSetting>();
        services.AddSingleton<SplitRamp>();
        services.AddSingleton<ITrafficIncidents>(static provider => provider.GetRequiredService<IncidentBox>());
        services.AddOptions<SplitWatchOptions>().Bind(configuration.GetSection(SplitWatchOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddHostedService<SplitWatch>();
        services.AddHostedService<ShareWatch>();
    }

    /// <summary>What drives balancers and keeps the agent's state, for the agent and for <c>kum-traffic</c>.</summary>
    internal static void AddTraffic(IServiceCollection services)
    {
        services.AddProgramRunner();
        services.AddSingleton<HAProxyAgentChecks>();
        services.AddSingleton<HAProxyWeightsNotes>();
        services.AddSingleton<TtlNotes>();
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
        services.AddSingleton<TrafficMarks>();
        services.AddSingleton<IncidentBox>();
        services.AddSingleton<TrafficStop>();
    }
}

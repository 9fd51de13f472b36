using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.DeployAgent.Assessment;
using KongUpgradeMesh.DeployAgent.Carrying;
using KongUpgradeMesh.DeployAgent.Decommissioning;
using KongUpgradeMesh.DeployAgent.Executables;
using KongUpgradeMesh.DeployAgent.Migrating;
using KongUpgradeMesh.DeployAgent.Preflight;
using KongUpgradeMesh.DeployAgent.Preflight.Writers;
using KongUpgradeMesh.DeployAgent.Restoring;
using KongUpgradeMesh.DeployAgent.Staging;
using KongUpgradeMesh.DeployAgent.Starting;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Programs;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.DeployAgent;

/// <summary>The agent that checks, assesses, restores, migrates, starts, stages and decommissions clusters.</summary>
public sealed class DeployAgentModule : AgentModule
{
    /// <inheritdoc/>
    public override string ServiceName => "kum-deploy-agent";

    /// <inheritdoc/>
    protected override AgentKind Kind => AgentKind.Deploy;

    /// <inheritdoc/>
    protected override void AddSteps()
    {
        Handle<RunPreflight, RunPreflightHandler>();
        Handle<AssessUpgrade, AssessUpgradeHandler>();
        Handle<RestoreDatabase, RestoreDatabaseHandler>();
        Handle<MigrateDatabase, MigrateDatabaseHandler>();
        Handle<StartCluster, StartClusterHandler>();
        Handle<RunStagingTests, RunStagingTestsHandler>();
        Handle<CarryRuntimeState, CarryRuntimeStateHandler>();
        Handle<DecommissionCluster, DecommissionClusterHandler>();
    }

    /// <inheritdoc/>
    protected override void AddAgentServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DeployOptions>().Bind(configuration.GetSection(DeployOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddProgramRunner();
        services.AddKongApis();
        services.AddStagingClient();
        services.AddSingleton<PostgresTools>().AddSingleton<DumpRestore>();
        services.AddSingleton(static provider =>
        {
            var agent = provider.GetRequiredService<IOptions<AgentOptions>>().Value;
            return new BackupOpener(Path.Combine(agent.StateDirectory, $"deploy-{agent.Name}", "opened-backups"));
        });
        services.AddHostedService<DecryptedLeftovers>();
        services.AddSingleton<NodeProbe>().AddSingleton<MetricsSwitch>().AddSingleton<MetricsProof>();
        services.AddSingleton<IDeploymentDriver, ProcessDriver>().AddSingleton<DeploymentDrivers>();
        services.AddSingleton<StagingRunner>();

        // In this order they are reported.
        services.AddSingleton<IPreflightCheck, DatabaseOfYCheck>();
        services.AddSingleton<IPreflightCheck, VersionPathCheck>();
        services.AddSingleton<IPreflightCheck, SpecCheck>();
        services.AddSingleton<IPreflightCheck, NodesOfXCheck>();
        services.AddSingleton<IPreflightCheck, ExecutablesCheck>();
        services.AddSingleton<IPreflightCheck, DatabaseOfXCheck>();
        services.AddSingleton<IPreflightCheck, WritersOfXCheck>();
    }
}

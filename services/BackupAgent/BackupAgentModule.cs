using KongUpgradeMesh.BackupAgent.Backups;
using KongUpgradeMesh.BackupAgent.Freezing;
using KongUpgradeMesh.BackupAgent.Journaling;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.Kong.Programs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.BackupAgent;

/// <summary>The agent that freezes, fingerprints and backs up cluster X's configuration.</summary>
public sealed class BackupAgentModule : AgentModule
{
    /// <inheritdoc/>
    public override string ServiceName => "kum-backup-agent";

    /// <inheritdoc/>
    protected override AgentKind Kind => AgentKind.Backup;

    /// <inheritdoc/>
    protected override void AddSteps()
    {
        Handle<FreezeConfiguration, FreezeConfigurationHandler>();
        Handle<GuardFreeze, GuardFreezeHandler>();
        Handle<VerifyFreeze, VerifyFreezeHandler>();
        Handle<TakeBackup, TakeBackupHandler>();
        Handle<UnfreezeConfiguration, UnfreezeConfigurationHandler>();
    }

    /// <inheritdoc/>
    protected override void AddAgentServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddKongApis();
        services.AddSingleton<NodePropagation>();
        services.AddSingleton<JournalKeeper>().AddHostedService(static provider => provider.GetRequiredService<JournalKeeper>());
        services.AddProgramRunner();
        services.AddSingleton<PostgresTools>();
        services.AddSingleton<DatabaseDump>();
        services.AddSingleton<RestoreTest>();
        services.AddSingleton<ClusterFiles>();
        services.AddSingleton<DeclarativeBackup>();
        services.AddSingleton(static provider =>
        {
            var agent = provider.GetRequiredService<IOptions<AgentOptions>>().Value;
            return new SigningKeys(Path.Combine(agent.StateDirectory, $"backup-{agent.Name}", "manifest-key.pem"));
        });
        services.AddSingleton<BackupShelf>();
    }
}

using KongUpgradeMesh.Kong.Backups;

namespace KongUpgradeMesh.DeployAgent.Restoring;

/// <summary>Removes, when the agent starts, what a crash left decrypted: configuration in clear must not wait for the next restore.</summary>
internal sealed class DecryptedLeftovers(BackupOpener backups) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        backups.Sweep();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

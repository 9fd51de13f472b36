using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>Remembers cluster X as it was before traffic moved, over the watches of one upgrade and over restarts of the agent.</summary>
public interface IReferenceStore
{
    /// <summary>What is remembered of the upgrade; null when nothing is or it cannot be read.</summary>
    Task<Reference?> LoadAsync(Guid upgradeId, CancellationToken cancellationToken);

    /// <summary>Remembers; a failure is logged and costs only the memory.</summary>
    Task SaveAsync(Guid upgradeId, Reference reference, CancellationToken cancellationToken);
}

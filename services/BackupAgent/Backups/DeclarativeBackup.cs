using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Declarative;
using KongUpgradeMesh.Kong.Versions;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>Adds the declarative copy to a backup, from the first node of cluster X that gives a whole one. The dump is the truth, so a missing copy is a note, never a failure.</summary>
public sealed class DeclarativeBackup(IKongApis apis, ILogger<DeclarativeBackup> logger)
{
    /// <summary>Writes the copy below <paramref name="directory"/>; null, and a note with the reason of each node, when none could be had.</summary>
    public async Task<DeclarativeCopy?> WriteAsync(Guid upgradeId, ClusterSpec cluster, string directory, ICollection<string> notes, CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        foreach (var node in cluster.Nodes)
        {
            try
            {
                var copy = await DeclarativeExport.WriteAsync(
                    apis.Admin(node.Admin),
                    KongVersion.Parse(cluster.Version),
                    cluster.Edition == KongEdition.Enterprise,
                    Path.Combine(directory, BackupLayout.Declarative),
                    cancellationToken);
                if (copy.RefusedKinds.Count > 0)
                {
                    notes.Add($"Declarative copy: without {string.Join(", ", copy.RefusedKinds)}, which node {node.Name} would not list. The database dump is complete.");
                }

                return copy;
            }
            catch (DeclarativeExportException exception)
            {
                reasons.Add($"node {node.Name}: {exception.Message}");
                logger.DeclarativeCopyFailed(upgradeId, node.Name, exception);
            }
            catch (Exception exception) when (NodeSilence.Explains(exception, cancellationToken))
            {
                reasons.Add($"node {node.Name}: its Admin API does not answer at {node.Admin}");
                logger.DeclarativeCopyFailed(upgradeId, node.Name, exception);
            }
        }

        notes.Add($"Declarative copy: missing ({string.Join("; ", reasons)}). The database dump is complete without it.");
        return null;
    }
}

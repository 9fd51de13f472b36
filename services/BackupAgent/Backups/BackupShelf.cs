using KongUpgradeMesh.Kong.Backups;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.BackupAgent.Backups;

/// <summary>Makes room for backups and clears away what is not one.</summary>
public sealed class BackupShelf(ILogger<BackupShelf> logger)
{
    /// <summary>Removes what earlier tries of this upgrade left half done.</summary>
    public void RemovePartials(BackupCatalog catalog, Guid upgradeId) => RemovePartials(catalog, $"-{upgradeId:N}");

    /// <summary>Removes all but the newest backups, and what upgrades that ended left half done. What cannot be removed is logged, no more.</summary>
    public void Retire(BackupCatalog catalog, StoredBackup newest, int keep)
    {
        foreach (var old in catalog.List().Where(b => b.Location != newest.Location).Skip(Math.Max(keep, 1) - 1))
        {
            // Renamed first: a removal that is cut short must not leave something that looks like a backup.
            var partial = old.Location + BackupLayout.PartialSuffix;
            try
            {
                Directory.Move(old.Location, partial);
                logger.BackupRetired(old.Location, keep);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                logger.DirectoryNotRemoved(old.Location, exception);
                continue;
            }

            Remove(partial);
        }

        // The fence on cluster X is ours, so no other upgrade is backing this cluster up: what is left is of upgrades that ended.
        RemovePartials(catalog, "");
    }

    /// <summary>Removes a directory with everything in it, or logs why not.</summary>
    public void Remove(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.DirectoryNotRemoved(directory, exception);
        }
    }

    private void RemovePartials(BackupCatalog catalog, string ending)
    {
        foreach (var partial in catalog.Partials().Where(p => p.EndsWith(ending + BackupLayout.PartialSuffix, StringComparison.Ordinal)))
        {
            Remove(partial);
        }
    }
}

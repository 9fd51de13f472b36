using System.Text.Json;
using KongUpgradeMesh.Kong.Backups;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.BackupAgent.Journaling;

/// <summary>Remembers over restarts which journals are to be removed, one small file each, replaced atomically.</summary>
internal sealed class JournalFiles(string directory, ILogger logger)
{
    private const string Ending = ".journal.json";

    public IReadOnlyList<KeptJournal> List() => !Directory.Exists(directory)
        ? []
        : [.. Directory.GetFiles(directory, "*" + Ending).Order(StringComparer.Ordinal).Select(Read).OfType<KeptJournal>()];

    public KeptJournal? Find(Guid upgradeId) => File.Exists(PathOf(upgradeId)) ? Read(PathOf(upgradeId)) : null;

    public void Save(KeptJournal journal)
    {
        PrivateFiles.CreateDirectory(directory);
        var path = PathOf(journal.UpgradeId);
        using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, journal);
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    public void Delete(Guid upgradeId) => File.Delete(PathOf(upgradeId));

    private KeptJournal? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<KeptJournal>(File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            logger.JournalFileUnreadable(path, exception);
            return null;
        }
    }

    private string PathOf(Guid upgradeId) => Path.Combine(directory, $"{upgradeId:N}{Ending}");
}

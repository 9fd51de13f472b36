using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Journal;

namespace KongUpgradeMesh.Kong.Backups;

/// <summary>Filters the table of contents of a dump.</summary>
public static class FenceFreeList
{
    // Comments on what initdb made belong to a superuser, and say nothing of Kong.
    private static readonly string[] Unneeded = [" COMMENT - SCHEMA public ", " COMMENT - EXTENSION ", " SCHEMA - public ", " ACL - SCHEMA public "];

    /// <summary>The lines of <c>pg_restore --list</c> without the write fence (it would make cluster Y's migrations fail), without the write journal of an earlier upgrade and without what only a superuser may restore.</summary>
    /// <param name="lines">Lines of the list, comments included.</param>
    public static IEnumerable<string> Of(IEnumerable<string> lines) => lines.Where(static line => !IsFence(line) && !Unneeded.Any(u => line.Contains(u, StringComparison.Ordinal)));

    private static bool IsFence(string line) =>
        line.Contains($" {WriteFence.TriggerPrefix}", StringComparison.Ordinal)
        || line.Contains($" {WriteFence.SchemaName} ", StringComparison.Ordinal)
        || line.Contains($" {WriteJournal.TriggerPrefix}", StringComparison.Ordinal)
        || line.Contains($" {WriteJournal.SchemaName} ", StringComparison.Ordinal);
}

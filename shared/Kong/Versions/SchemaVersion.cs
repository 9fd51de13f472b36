using System.Text.RegularExpressions;

namespace KongUpgradeMesh.Kong.Versions;

/// <summary>Reads from the names of executed core migrations up to which Kong version a database has been migrated.</summary>
public static partial class SchemaVersion
{
    /// <summary>The newest line of Kong that any of the core migrations leads to, for example 2.8 from <c>015_270_to_280</c>; null when no name tells.</summary>
    /// <param name="migrations">Names from <c>schema_meta.executed</c> of the core subsystem.</param>
    public static KongVersion? NewestOf(IEnumerable<string> migrations)
    {
        var found = migrations.Select(static m => Target().Match(m)).Where(static m => m.Success).Select(ToVersion).ToList();
        return found.Count == 0 ? null : found.Max();
    }

    /// <summary>Whether each release of <paramref name="version"/>'s line brought a core migration, so that its absence proves an unfinished upgrade.</summary>
    public static bool HasOwnMigration(KongVersion version) => version.Line is "2.8" or "3.0" or "3.1" or "3.2" or "3.3" or "3.4";

    // 280 is 2.8.0, 3100 is 3.10.0: the first digit is the major version, the last the patch, all between the minor.
    private static KongVersion ToVersion(Match match)
    {
        var digits = match.Groups[1].Value;
        return new KongVersion(digits[0] - '0', int.Parse(digits[1..^1]));
    }

    [GeneratedRegex(@"_to_(\d{3,4})$")]
    private static partial Regex Target();
}

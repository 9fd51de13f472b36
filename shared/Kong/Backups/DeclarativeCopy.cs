namespace KongUpgradeMesh.Kong.Backups;

/// <summary>What the declarative copy of a backup holds: the configuration as the Admin API shows it, in the YAML of decK.</summary>
public sealed record DeclarativeCopy
{
    /// <summary>decK's <c>_format_version</c>: <c>1.1</c> before Kong 3.0, <c>3.0</c> since.</summary>
    public required string FormatVersion { get; init; }

    /// <summary>Names of the workspaces, each with a file of its own.</summary>
    public required IReadOnlyList<string> Workspaces { get; init; }

    /// <summary>How many entities of each kind were written, over all workspaces.</summary>
    public required IReadOnlyDictionary<string, long> Entities { get; init; }

    /// <summary>Kinds of entities that the node does not know or has switched off; nothing of them is served.</summary>
    public required IReadOnlyList<string> UnknownKinds { get; init; }

    /// <summary>Kinds that the node would not list (403), which the copy therefore lacks. Default empty.</summary>
    public IReadOnlyList<string> RefusedKinds { get; init; } = [];
}

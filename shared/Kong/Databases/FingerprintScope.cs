using System.Text.Json.Serialization;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>What a fingerprint covers; two fingerprints can be compared only when taken with the same scope.</summary>
public sealed record FingerprintScope
{
    /// <summary>What an upgrade compares over hours and days: configuration that only a person or a tool could change.</summary>
    public static FingerprintScope Default { get; } = new();

    /// <summary>
    /// Whether rows with an end of life (<c>ttl</c>), the secrets that token endpoints hash anew, and the rows of <c>tags</c> that follow such rows count as well.
    /// Default false: Kong itself deletes and rehashes them while configuration is frozen, so they would look like drift. True suits two looks at data that no Kong serves, such as a dump and its restored copy.
    /// </summary>
    public bool IncludesPassing { get; init; } = false;

    /// <summary>Whether tables the product does not know count as configuration. Default false.</summary>
    public bool IncludesUnknown { get; init; } = false;

    /// <summary>Whether <c>certificates</c> and <c>snis</c>, with their rows of <c>tags</c>, are left out because ACME may write them. Default false.</summary>
    public bool LeavesOutAcme { get; init; } = false;

    /// <summary>Tables (<c>consumers</c>) and columns (<c>consumers.custom_id</c>) that are left out because they may change; with them the rows of <c>tags</c> that follow them. Default none.</summary>
    public IReadOnlyList<string> AllowedDrift { get; init; } = [];

    /// <summary>The same tables with nothing left out of them: for two looks at one state of the data, such as a dump's snapshot and its restored copy.</summary>
    [JsonIgnore]
    public FingerprintScope Complete => this with { IncludesPassing = true, LeavesOutAcme = false, AllowedDrift = [] };

    /// <summary>The scope that fits what the fence protects under <paramref name="freeze"/>, for fingerprints that are compared over time.</summary>
    /// <param name="freeze">How configuration writes are stopped.</param>
    public static FingerprintScope Of(FreezeSpec freeze) => new()
    {
        IncludesUnknown = freeze.UnknownTables == UnknownTableChoice.Fence,
        LeavesOutAcme = freeze.AllowAcmeWrites,
        AllowedDrift = freeze.AllowedDrift,
    };

    internal bool MayDrift(string table) => AllowedDrift.Contains(table, StringComparer.Ordinal);

    internal bool MayDrift(string table, string column) => AllowedDrift.Contains($"{table}.{column}", StringComparer.Ordinal);
}

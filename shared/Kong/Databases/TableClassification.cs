using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>The tables of one Kong schema by what they hold, each list in ordinal order.</summary>
/// <param name="Configuration">Written by people and their tools: fenced, fingerprinted, copied.</param>
/// <param name="Runtime">Written by proxies: always writable.</param>
/// <param name="Unknown">Neither list of the product names them: tables of custom plugins, or of a newer Kong.</param>
public sealed record TableClassification(IReadOnlyList<string> Configuration, IReadOnlyList<string> Runtime, IReadOnlyList<string> Unknown)
{
    /// <summary>The tables to be treated as configuration under <paramref name="freeze"/>: unknown ones when it says so, ACME's not when it lets them be written.</summary>
    /// <param name="freeze">How configuration writes are stopped.</param>
    public IReadOnlyList<string> FencedUnder(FreezeSpec freeze) =>
    [
        .. Configuration
            .Where(t => !freeze.AllowAcmeWrites || !KongTables.WrittenByAcme.Contains(t))
            .Concat(freeze.UnknownTables == UnknownTableChoice.Fence ? Unknown : [])
            .Order(StringComparer.Ordinal),
    ];
}

namespace KongUpgradeMesh.Kong.Declarative;

/// <summary>What was read for a declarative copy.</summary>
internal sealed class ExportTally
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _unknown = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _refused = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public IReadOnlyCollection<string> UnknownKinds => _unknown;

    public IReadOnlyCollection<string> RefusedKinds => _refused;

    public void Count(string kind) => _counts[kind] = _counts.GetValueOrDefault(kind) + 1;

    public void Unknown(string kind) => _unknown.Add(kind);

    public void Refused(string kind) => _refused.Add(kind);
}

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>The labels that a Prometheus puts on all series of one target, beside those that the node itself wrote.</summary>
/// <remarks>
/// Where a label of the node has the same name, Prometheus renames it to <c>exported_…</c>; an empty one it simply replaces. Read as the node's own, such a label
/// (<c>service</c> above all, which the Prometheus operator adds) would give every route another name on each cluster.
/// </remarks>
public sealed class TargetLabels
{
    private readonly List<(byte[] Name, byte[] Value)> _labels = [];

    internal static ReadOnlySpan<byte> Renamed => "exported_"u8;

    internal void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _labels.Add((name.ToArray(), value.ToArray()));

    internal bool Has(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        foreach (var label in _labels)
        {
            if (name.SequenceEqual(label.Name) && value.SequenceEqual(label.Value))
            {
                return true;
            }
        }

        return false;
    }
}

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>One line of the Prometheus text format, checked but not decoded: it is a view of the bytes it was read from and costs no allocation.</summary>
public readonly ref struct MetricPoint
{
    private readonly ReadOnlySpan<byte> _labels;
    private readonly TargetLabels? _added;

    internal MetricPoint(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, double value, long? timestamp, int number, TargetLabels? added)
    {
        Timestamp = timestamp;
        _added = added;
        Name = name;
        _labels = labels;
        Value = value;
        Number = number;
    }

    /// <summary>The metric's name as it stands on the line.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>Its value; may be NaN or infinite.</summary>
    public double Value { get; }

    /// <summary>When it was measured, in milliseconds since 1970 (UTC); null where the line does not say it, as a node's own lines do not.</summary>
    public long? Timestamp { get; }

    /// <summary>Number of the line, starting at 1; 0 when it is not known.</summary>
    public int Number { get; }

    /// <summary>The value of a label as the node sent it, escapes unresolved; empty when it is not there, as Prometheus defines it.</summary>
    /// <param name="name">The label's name.</param>
    public ReadOnlySpan<byte> Label(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> own = default;
        var labels = new LabelReader(_labels);
        while (labels.TryNext(out var known, out var value))
        {
            if (known.SequenceEqual(name))
            {
                if (_added is null)
                {
                    return value;
                }

                own = _added.Has(known, value) ? default : value;
            }
            else if (_added is not null && known.StartsWith(TargetLabels.Renamed) && known[TargetLabels.Renamed.Length..].SequenceEqual(name))
            {
                return value;
            }
        }

        return own;
    }

    internal TargetLabels CopyLabels()
    {
        var copy = new TargetLabels();
        var labels = new LabelReader(_labels);
        while (labels.TryNext(out var name, out var value))
        {
            copy.Add(name, value);
        }

        return copy;
    }
}

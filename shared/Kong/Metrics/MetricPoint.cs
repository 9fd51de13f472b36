namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>One line of the Prometheus text format, checked but not decoded: it is a view of the bytes it was read from and costs no allocation.</summary>
public readonly ref struct MetricPoint
{
    private readonly ReadOnlySpan<byte> _labels;

    internal MetricPoint(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, double value, long? timestamp, int number)
    {
        Timestamp = timestamp;
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

    /// <summary>The value of a label as it was sent, escapes unresolved; empty when it is not there, as Prometheus defines it.</summary>
    /// <param name="name">The label's name.</param>
    public ReadOnlySpan<byte> Label(ReadOnlySpan<byte> name)
    {
        var labels = new LabelReader(_labels);
        while (labels.TryNext(out var known, out var value))
        {
            if (known.SequenceEqual(name))
            {
                return value;
            }
        }

        return default;
    }
}

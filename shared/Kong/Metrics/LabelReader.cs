namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Goes through the labels of one line, without decoding them.</summary>
/// <param name="text">What follows the opening brace.</param>
internal ref struct LabelReader(ReadOnlySpan<byte> text)
{
    /// <summary>What has not been read yet; what follows the closing brace once the labels have ended.</summary>
    public ReadOnlySpan<byte> Rest { get; private set; } = text;

    /// <summary>Whether the closing brace was reached. When there is no next label before that, the line does not follow the format.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Reads the next label; false at the end, and where the line does not follow the format.</summary>
    public bool TryNext(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = default;
        value = default;
        Rest = Rest.TrimStart(MetricLine.Blank);
        if (Rest is [(byte)'}', ..])
        {
            Rest = Rest[1..];
            HasEnded = true;
            return false;
        }

        return TrySplit(out name, out value) && TryTakeComma();
    }

    private bool TrySplit(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        name = MetricLine.NameOf(Rest);
        Rest = Rest[name.Length..].TrimStart(MetricLine.Blank);
        if (name.IsEmpty || Rest is not [(byte)'=', ..])
        {
            return false;
        }

        Rest = Rest[1..].TrimStart(MetricLine.Blank);
        if (Rest is not [(byte)'"', ..])
        {
            return false;
        }

        Rest = Rest[1..];
        var end = EndOfValue(Rest);
        if (end < 0)
        {
            return false;
        }

        value = Rest[..end];
        Rest = Rest[(end + 1)..];
        return true;
    }

    private bool TryTakeComma()
    {
        Rest = Rest.TrimStart(MetricLine.Blank);
        if (Rest is [(byte)',', ..])
        {
            Rest = Rest[1..];
            return true;
        }

        return Rest is [(byte)'}', ..];
    }

    private static int EndOfValue(ReadOnlySpan<byte> text)
    {
        var at = 0;
        while (at < text.Length && text[at..].IndexOfAny((byte)'"', (byte)'\\') is >= 0 and var next)
        {
            at += next;
            if (text[at] == (byte)'"')
            {
                return at;
            }

            // Whatever follows a backslash ends nothing.
            at += 2;
        }

        return -1;
    }
}

using System.Globalization;
using System.Text;

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Reads one line of the Prometheus text format: <c>name{label="value",…} value [timestamp]</c>.</summary>
public static class MetricLine
{
    private static ReadOnlySpan<byte> Blank => " \t\r"u8;

    /// <summary>The metric's name, without reading further; empty for comments, blank lines and what is no metric.</summary>
    /// <param name="line">The line without its line feed.</param>
    public static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> line)
    {
        line = line.TrimStart(Blank);
        var length = 0;
        while (length < line.Length && IsNameByte(line[length]))
        {
            length++;
        }

        return line[..length];
    }

    /// <summary>Reads the line; false when it does not follow the format.</summary>
    /// <param name="line">The line without its line feed.</param>
    /// <param name="point">What it says; null when false is returned.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, out MetricPoint? point)
    {
        point = null;
        line = line.Trim(Blank);
        var name = NameOf(line);
        if (name.IsEmpty || char.IsAsciiDigit((char)name[0]))
        {
            return false;
        }

        var rest = line[name.Length..].TrimStart(Blank);
        var labels = new List<KeyValuePair<string, string>>();
        if (!rest.IsEmpty && rest[0] == (byte)'{' && !TryParseLabels(ref rest, labels))
        {
            return false;
        }

        if (!TryValueOf(rest, out var value))
        {
            return false;
        }

        point = new MetricPoint(Encoding.ASCII.GetString(name), labels, value);
        return true;
    }

    /// <summary>Reads what follows the labels: a value and perhaps a timestamp.</summary>
    internal static bool TryValueOf(ReadOnlySpan<byte> rest, out double value)
    {
        rest = rest.Trim(Blank);
        var end = rest.IndexOfAny((byte)' ', (byte)'\t');
        return TryParseValue(end < 0 ? rest : rest[..end], out value) && (end < 0 || IsTimestamp(rest[end..].Trim(Blank)));
    }

    /// <summary>Reads the labels of a latency without making anything of them; leaves what follows them.</summary>
    internal static bool TryLatencyLabels(ref ReadOnlySpan<byte> rest, out LatencyLabels labels)
    {
        labels = default;
        rest = rest.TrimStart(Blank);
        if (rest.IsEmpty || rest[0] != (byte)'{')
        {
            return true;
        }

        rest = rest[1..];
        while (true)
        {
            rest = rest.TrimStart(Blank);
            if (!rest.IsEmpty && rest[0] == (byte)'}')
            {
                rest = rest[1..];
                return true;
            }

            if (!TrySplitLabel(ref rest, out var name, out var value))
            {
                return false;
            }

            if (name.SequenceEqual("service"u8))
            {
                labels.Service = value;
            }
            else if (name.SequenceEqual("route"u8))
            {
                labels.Route = value;
            }
            else if (name.SequenceEqual("type"u8))
            {
                labels.Type = value;
            }
            else if (name.SequenceEqual("le"u8))
            {
                labels.Bound = value;
            }

            if (!TryTakeComma(ref rest))
            {
                return false;
            }
        }
    }

    private static bool IsNameByte(byte b) => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'_' or (byte)':';

    private static bool IsTimestamp(ReadOnlySpan<byte> text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static bool TryParseValue(ReadOnlySpan<byte> text, out double value)
    {
        // nginx-lua-prometheus writes "Nan" and "Inf", other exporters "NaN" and "+Inf".
        if (Ascii.EqualsIgnoreCase(text, "nan"u8))
        {
            value = double.NaN;
            return true;
        }

        if (Ascii.EqualsIgnoreCase(text, "inf"u8) || Ascii.EqualsIgnoreCase(text, "+inf"u8))
        {
            value = double.PositiveInfinity;
            return true;
        }

        if (Ascii.EqualsIgnoreCase(text, "-inf"u8))
        {
            value = double.NegativeInfinity;
            return true;
        }

        return double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryParseLabels(ref ReadOnlySpan<byte> rest, List<KeyValuePair<string, string>> labels)
    {
        rest = rest[1..];
        while (true)
        {
            rest = rest.TrimStart(Blank);
            if (!rest.IsEmpty && rest[0] == (byte)'}')
            {
                rest = rest[1..];
                return true;
            }

            if (!TryParseLabel(ref rest, labels))
            {
                return false;
            }

            if (!TryTakeComma(ref rest))
            {
                return false;
            }
        }
    }

    private static bool TryTakeComma(ref ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart(Blank);
        if (!rest.IsEmpty && rest[0] == (byte)',')
        {
            rest = rest[1..];
            return true;
        }

        return !rest.IsEmpty && rest[0] == (byte)'}';
    }

    private static bool TryParseLabel(ref ReadOnlySpan<byte> rest, List<KeyValuePair<string, string>> labels)
    {
        if (!TrySplitLabel(ref rest, out var name, out var value))
        {
            return false;
        }

        labels.Add(new(Encoding.ASCII.GetString(name), Unescape(Encoding.UTF8.GetString(value))));
        return true;
    }

    private static bool TrySplitLabel(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        name = NameOf(rest);
        rest = rest[name.Length..].TrimStart(Blank);
        if (name.IsEmpty || rest.IsEmpty || rest[0] != (byte)'=')
        {
            return false;
        }

        rest = rest[1..].TrimStart(Blank);
        if (rest.IsEmpty || rest[0] != (byte)'"')
        {
            return false;
        }

        rest = rest[1..];
        var end = EndOfValue(rest);
        if (end < 0)
        {
            return false;
        }

        value = rest[..end];
        rest = rest[(end + 1)..];
        return true;
    }

    private static int EndOfValue(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'"')
            {
                return i;
            }

            if (text[i] == (byte)'\\')
            {
                i++;
            }
        }

        return -1;
    }

    internal static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                plain.Append(text[i]);
                continue;
            }

            i++;
            _ = text[i] switch
            {
                'n' => plain.Append('\n'),
                '"' or '\\' => plain.Append(text[i]),
                _ => plain.Append('\\').Append(text[i]),
            };
        }

        return plain.ToString();
    }
}

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

        rest = rest.Trim(Blank);
        var end = rest.IndexOfAny((byte)' ', (byte)'\t');
        if (!TryParseValue(end < 0 ? rest : rest[..end], out var value) || (end >= 0 && !IsTimestamp(rest[end..].Trim(Blank))))
        {
            return false;
        }

        point = new MetricPoint(Encoding.ASCII.GetString(name), labels, value);
        return true;
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

            rest = rest.TrimStart(Blank);
            if (!rest.IsEmpty && rest[0] == (byte)',')
            {
                rest = rest[1..];
            }
            else if (rest.IsEmpty || rest[0] != (byte)'}')
            {
                return false;
            }
        }
    }

    private static bool TryParseLabel(ref ReadOnlySpan<byte> rest, List<KeyValuePair<string, string>> labels)
    {
        var name = NameOf(rest);
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

        labels.Add(new(Encoding.ASCII.GetString(name), Unescape(Encoding.UTF8.GetString(rest[..end]))));
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

    private static string Unescape(string text)
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

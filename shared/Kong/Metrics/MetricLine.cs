using System.Buffers;
using System.Globalization;
using System.Text;

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Reads one line of the Prometheus text format: <c>name{label="value",…} value [timestamp]</c>.</summary>
public static class MetricLine
{
    // So many digits are a double without rounding.
    private const int ExactDigits = 15;

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:"u8);

    internal static ReadOnlySpan<byte> Blank => " \t\r"u8;

    /// <summary>The metric's name, without reading further; empty for comments, blank lines and what is no metric.</summary>
    /// <param name="line">The line without its line feed.</param>
    public static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> line)
    {
        line = line.TrimStart(Blank);
        var end = line.IndexOfAnyExcept(NameBytes);
        return end < 0 ? line : line[..end];
    }

    /// <summary>Reads the line; false when it does not follow the format.</summary>
    /// <param name="line">The line without its line feed.</param>
    /// <param name="point">What it says; without meaning when false is returned.</param>
    /// <param name="number">Its number, for who complains of it.</param>
    /// <param name="added">Labels that are not the node's own; null where the node itself was asked.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, out MetricPoint point, int number = 0, TargetLabels? added = null)
    {
        point = default;
        line = line.Trim(Blank);
        var name = NameOf(line);
        if (name.IsEmpty || char.IsAsciiDigit((char)name[0]))
        {
            return false;
        }

        var rest = line[name.Length..].TrimStart(Blank);
        ReadOnlySpan<byte> labels = default;
        if (rest is [(byte)'{', ..])
        {
            labels = rest[1..];
            var reader = new LabelReader(labels);
            while (reader.TryNext(out _, out _))
            {
            }

            if (!reader.HasEnded)
            {
                return false;
            }

            rest = reader.Rest;
        }

        if (!TryValueOf(rest, out var value, out var timestamp))
        {
            return false;
        }

        point = new MetricPoint(name, labels, value, timestamp, number, added);
        return true;
    }

    /// <summary>Reads what follows the labels: a value and perhaps a timestamp.</summary>
    internal static bool TryValueOf(ReadOnlySpan<byte> rest, out double value, out long? timestamp)
    {
        timestamp = null;
        rest = rest.Trim(Blank);
        var end = rest.IndexOfAny((byte)' ', (byte)'\t');
        if (end < 0)
        {
            return TryParseValue(rest, out value);
        }

        if (!TryParseValue(rest[..end], out value))
        {
            return false;
        }

        if (!long.TryParse(rest[end..].Trim(Blank), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
        {
            return false;
        }

        timestamp = milliseconds;
        return true;
    }

    /// <summary>The text of a label's value.</summary>
    internal static string Decode(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value);
        return text.Contains('\\', StringComparison.Ordinal) ? Unescape(text) : text;
    }

    /// <summary>Reads a number. Most are whole, and read as such in a fraction of the time.</summary>
    internal static bool TryNumber(ReadOnlySpan<byte> text, NumberStyles styles, out double value)
    {
        if (text.Length <= ExactDigits && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole))
        {
            value = whole;
            return true;
        }

        return double.TryParse(text, styles, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryParseValue(ReadOnlySpan<byte> text, out double value)
    {
        if (TryNumber(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, out value))
        {
            return true;
        }

        // nginx-lua-prometheus writes "Nan" and "Inf", other exporters "NaN" and "+Inf".
        value = Ascii.EqualsIgnoreCase(text, "inf"u8) || Ascii.EqualsIgnoreCase(text, "+inf"u8) ? double.PositiveInfinity
            : Ascii.EqualsIgnoreCase(text, "-inf"u8) ? double.NegativeInfinity
            : double.NaN;
        return !double.IsNaN(value) || Ascii.EqualsIgnoreCase(text, "nan"u8);
    }

    private static string Unescape(string text)
    {
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

using System.Collections.Frozen;

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Reads the Prometheus text format from a stream, bounded in bytes and lines, looking only at the metrics that are wanted.</summary>
/// <remarks>All or nothing: a text that is cut off, too large or broken in a wanted line is refused whole, because half of it would look like a counter reset.</remarks>
public static class ExpositionReader
{
    private const int ChunkBytes = 32 * 1024;
    private const int LongestName = 128;

    /// <summary>Reads to the end of <paramref name="stream"/>.</summary>
    /// <param name="stream">The body of the answer; it is not disposed.</param>
    /// <param name="wanted">Names of the metrics to report; lines of others are skipped unread.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="take">Called for every wanted line, in order, with its number.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="takeLine">Offered every wanted line as it was sent; true when it has been taken and needs no point. Null when points are enough.</param>
    /// <exception cref="ExpositionException">The text is not to be trusted; points already reported must be dropped.</exception>
    public static async Task ReadAsync(Stream stream, FrozenSet<string> wanted, ExpositionLimits limits, Action<MetricPoint, int> take, CancellationToken cancellationToken, TakeLine? takeLine = null)
    {
        var buffer = new byte[ChunkBytes];
        var names = wanted.GetAlternateLookup<ReadOnlySpan<char>>();
        var (filled, total, lines) = (0, 0L, 0);
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            if (read == 0)
            {
                break;
            }

            filled += read;
            total += read;
            if (total > limits.MaximumBytes)
            {
                throw new ExpositionException(ExpositionFault.TooLarge, lines + 1);
            }

            var used = TakeLines(buffer.AsSpan(0, filled), names, limits, ref lines, take, takeLine);
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            filled -= used;
            if (filled > limits.MaximumLineBytes)
            {
                throw new ExpositionException(ExpositionFault.LineTooLong, lines + 1);
            }

            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }

        if (filled > 0)
        {
            throw new ExpositionException(ExpositionFault.Truncated, lines + 1);
        }
    }

    private static int TakeLines(
        ReadOnlySpan<byte> text,
        FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> names,
        ExpositionLimits limits,
        ref int lines,
        Action<MetricPoint, int> take,
        TakeLine? takeLine)
    {
        Span<char> characters = stackalloc char[LongestName];
        var used = 0;
        int length;
        while ((length = text[used..].IndexOf((byte)'\n')) >= 0)
        {
            var line = text.Slice(used, length);
            used += length + 1;
            if (++lines > limits.MaximumLines)
            {
                throw new ExpositionException(ExpositionFault.TooManyLines, lines);
            }

            if (length > limits.MaximumLineBytes)
            {
                throw new ExpositionException(ExpositionFault.LineTooLong, lines);
            }

            var name = MetricLine.NameOf(line);
            if (name.IsEmpty || name.Length > LongestName)
            {
                continue;
            }

            for (var i = 0; i < name.Length; i++)
            {
                characters[i] = (char)name[i];
            }

            if (names.Contains(characters[..name.Length]) && takeLine?.Invoke(line, lines) != true)
            {
                take(MetricLine.TryParse(line, out var point) ? point! : throw new ExpositionException(ExpositionFault.Malformed, lines), lines);
            }
        }

        return used;
    }
}

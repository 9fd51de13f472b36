using System.Buffers;

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Reads text from a stream line by line, bounded in bytes and lines.</summary>
/// <remarks>All or nothing: a text that is cut off or too large is refused whole, because half of it would look like a counter reset.</remarks>
public static class ExpositionReader
{
    private const int ChunkBytes = 32 * 1024;

    /// <summary>Reads to the end of <paramref name="stream"/>.</summary>
    /// <param name="stream">The body of the answer; it is not disposed.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="take">Called for every line, in order.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ExpositionException">The text is not to be trusted; what was taken from it must be dropped.</exception>
    public static async Task ReadAsync(Stream stream, ExpositionLimits limits, TakeLine take, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var (filled, total, lines) = (0, 0L, 0);
            int read;
            while ((read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken)) > 0)
            {
                filled += read;
                total += read;
                if (total > limits.MaximumBytes)
                {
                    throw new ExpositionException(ExpositionFault.TooLarge, lines + 1);
                }

                var used = TakeLines(buffer.AsSpan(0, filled), limits, take, ref lines);
                buffer.AsSpan(used, filled - used).CopyTo(buffer);
                filled -= used;
                if (filled > limits.MaximumLineBytes)
                {
                    throw new ExpositionException(ExpositionFault.LineTooLong, lines + 1);
                }

                if (filled == buffer.Length)
                {
                    buffer = Grow(buffer);
                }
            }

            if (filled > 0)
            {
                throw new ExpositionException(ExpositionFault.Truncated, lines + 1);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int TakeLines(ReadOnlySpan<byte> text, ExpositionLimits limits, TakeLine take, ref int lines)
    {
        var used = 0;
        int length;
        while ((length = text[used..].IndexOf((byte)'\n')) >= 0)
        {
            if (++lines > limits.MaximumLines)
            {
                throw new ExpositionException(ExpositionFault.TooManyLines, lines);
            }

            if (length > limits.MaximumLineBytes)
            {
                throw new ExpositionException(ExpositionFault.LineTooLong, lines);
            }

            take(text.Slice(used, length), lines);
            used += length + 1;
        }

        return used;
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}

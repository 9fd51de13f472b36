namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>What a Prometheus says of its own last visit to a target: the series <c>up</c>.</summary>
/// <param name="Up">Whether the target could be scraped.</param>
/// <param name="Labels">What Prometheus puts on the target's series.</param>
public sealed record ScrapedTarget(bool Up, TargetLabels Labels)
{
    /// <summary>Reads the answer to a question for <c>up</c>; null where there is no such series.</summary>
    /// <param name="stream">The body of the answer.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ExpositionException">The text is cut off, too large or malformed, or tells of more than one target.</exception>
    public static async Task<ScrapedTarget?> ReadAsync(Stream stream, ExpositionLimits limits, CancellationToken cancellationToken)
    {
        ScrapedTarget? target = null;
        await ExpositionReader.ReadAsync(stream, limits, Take, cancellationToken);
        return target;

        void Take(ReadOnlySpan<byte> line, int number)
        {
            if (!MetricLine.NameOf(line).SequenceEqual("up"u8))
            {
                return;
            }

            if (!MetricLine.TryParse(line, out var point, number))
            {
                throw new ExpositionException(ExpositionFault.Malformed, number);
            }

            target = target is null ? new ScrapedTarget(point.Value > 0, point.CopyLabels()) : throw new ExpositionException(ExpositionFault.Doubled, number);
        }
    }
}

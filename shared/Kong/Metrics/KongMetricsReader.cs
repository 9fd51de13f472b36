using System.Text;

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Turns what a Kong 2.x or 3.x node exposes at <c>/metrics</c> into one <see cref="NodeSample"/>.</summary>
public static class KongMetricsReader
{
    // Names of services, routes and targets of all clusters that this process reads; at most some 20 MB.
    private static readonly TextPool Texts = new(mostTexts: 32 * 1024);

    /// <summary>Whether the values of a metric are used.</summary>
    /// <param name="name">The metric's name as it stands on the line, with <c>_sum</c>, <c>_count</c> or <c>_bucket</c>.</param>
    public static bool IsUsed(string name) => KongFamilies.Find(Encoding.UTF8.GetBytes(name)) is not null;

    /// <summary>Reads one exposition to its end.</summary>
    /// <param name="stream">The body of the answer.</param>
    /// <param name="limits">Bounds; <see cref="ExpositionLimits.Default"/> fits Kong.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ExpositionException">The text is cut off, too large, malformed or holds impossible values: the node is unknown at this moment.</exception>
    public static Task<NodeSample> ReadAsync(Stream stream, ExpositionLimits limits, CancellationToken cancellationToken) => ReadAsync(stream, limits, null, cancellationToken);

    /// <summary>Reads what a Prometheus tells of one node to its end.</summary>
    /// <param name="stream">The body of the answer.</param>
    /// <param name="limits">Bounds; <see cref="ExpositionLimits.Default"/> fits Kong.</param>
    /// <param name="added">Labels that are Prometheus' own; null where there are none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ExpositionException">As for a node; or more than one node is told of.</exception>
    public static async Task<NodeSample> ReadAsync(Stream stream, ExpositionLimits limits, TargetLabels? added, CancellationToken cancellationToken)
    {
        var sample = new NodeSampleBuilder(Texts, added);
        await ExpositionReader.ReadAsync(stream, limits, sample.Take, cancellationToken);
        return sample.ToSample();
    }
}

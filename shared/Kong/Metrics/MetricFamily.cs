namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Takes a point of one metric into a sample.</summary>
/// <param name="sample">What is being read.</param>
/// <param name="point">A finite value, 0 or more.</param>
/// <param name="line">The line it was read from.</param>
/// <exception cref="ExpositionException">The point makes no sense.</exception>
internal delegate void MetricFamily(NodeSampleBuilder sample, MetricPoint point, ReadOnlySpan<byte> line);

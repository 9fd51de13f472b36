namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>Upper bounds of histogram buckets, in milliseconds, that Kong 2.8 and every 3.x expose alike. Only on these can the two be compared.</summary>
public static class LatencyBounds
{
    // 2.8 has one list for all kinds; 3.x has two, to which 3.9 added bounds.
    private static readonly double[] Kong = [1, 2, 5, 7, 10, 15, 20, 30, 50, 100, 200, 500, 1000];
    private static readonly double[] Other = [25, 50, 80, 100, 400, 1000, 2000, 5000, 10_000, 30_000, 60_000];

    /// <summary>The shared bounds of one kind, ascending.</summary>
    /// <param name="kind">The kind.</param>
    public static ReadOnlySpan<double> Of(LatencyKind kind) => kind == LatencyKind.Kong ? Kong : Other;
}

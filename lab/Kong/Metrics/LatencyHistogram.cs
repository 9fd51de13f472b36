namespace KongUpgradeMesh.Lab.StandInKong.Metrics;

/// <summary>A cumulative histogram in whole milliseconds, as Kong's latencies are.</summary>
internal sealed class LatencyHistogram(IReadOnlyList<int> bounds)
{
    private readonly long[] _counts = new long[bounds.Count + 1];
    private long _sum;

    public IReadOnlyList<int> Bounds => bounds;

    public long Sum => Interlocked.Read(ref _sum);

    public void Observe(int milliseconds)
    {
        var i = 0;
        while (i < bounds.Count && milliseconds > bounds[i])
        {
            i++;
        }

        Interlocked.Increment(ref _counts[i]);
        Interlocked.Add(ref _sum, milliseconds);
    }

    /// <summary>Cumulative count per bound; the last is the total.</summary>
    public long[] Cumulative()
    {
        var result = new long[_counts.Length];
        long total = 0;
        for (var i = 0; i < result.Length; i++)
        {
            total += Interlocked.Read(ref _counts[i]);
            result[i] = total;
        }

        return result;
    }
}

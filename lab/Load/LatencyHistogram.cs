namespace KongUpgradeMesh.Lab.Load;

/// <summary>Counts latencies in buckets that grow by five percent. Not thread-safe.</summary>
internal sealed class LatencyHistogram
{
    private const double Growth = 1.05;
    private const double Smallest = 0.05;
    private readonly int[] _buckets = new int[400];
    private int _count;
    private double _max;

    public void Add(TimeSpan latency)
    {
        var milliseconds = latency.TotalMilliseconds;
        var bucket = (int)Math.Ceiling(Math.Log(Math.Max(milliseconds, Smallest) / Smallest, Growth));
        _buckets[Math.Min(bucket, _buckets.Length - 1)]++;
        _count++;
        _max = Math.Max(_max, milliseconds);
    }

    public LatencySummary Summarize() => new(Percentile(0.5), Percentile(0.95), Percentile(0.99), Math.Round(_max, 2));

    private double Percentile(double share)
    {
        var left = (int)Math.Ceiling(_count * share);
        for (var bucket = 0; _count > 0 && bucket < _buckets.Length; bucket++)
        {
            left -= _buckets[bucket];
            if (left <= 0)
            {
                return Math.Round(Math.Min(_max, Smallest * Math.Pow(Growth, bucket)), 2);
            }
        }

        return 0;
    }
}

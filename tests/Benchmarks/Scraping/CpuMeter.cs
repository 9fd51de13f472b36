namespace KongUpgradeMesh.Benchmarks.Scraping;

/// <summary>What this process uses of the processors: not the time that passes, which says more of a busy machine than of the process.</summary>
internal sealed class CpuMeter
{
    private TimeSpan _used = Environment.CpuUsage.TotalTime;
    private long _at = TimeProvider.System.GetTimestamp();

    /// <summary>Cores used on average since the last call, or since it was made.</summary>
    public double Cores()
    {
        var (used, at) = (Environment.CpuUsage.TotalTime, TimeProvider.System.GetTimestamp());
        var cores = (used - _used) / TimeProvider.System.GetElapsedTime(_at, at);
        (_used, _at) = (used, at);
        return cores;
    }
}

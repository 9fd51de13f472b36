namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>The time since a watch began. It never goes back: where the clock beneath it does, it goes on from where it was. Safe for several threads.</summary>
/// <param name="clock">The clock beneath; that of the day plays no part.</param>
internal sealed class WatchTime(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private long _last = clock.GetTimestamp();
    private long _elapsed;

    /// <summary>How long the watch has run.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_gate)
            {
                var now = clock.GetTimestamp();
                _elapsed += Math.Max(0, now - _last);
                _last = now;
                return clock.GetElapsedTime(0, _elapsed);
            }
        }
    }
}

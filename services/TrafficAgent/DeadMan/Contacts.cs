namespace KongUpgradeMesh.TrafficAgent.DeadMan;

/// <summary>How long nobody was heard of. Counted from the start of this process, and only while it listens: a machine that was stopped for a minute has not been silent, it was deaf.</summary>
public sealed class Contacts(TimeProvider clock)
{
    // More than this between two looks is a stop of our own.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(3);
    private readonly Lock _gate = new();
    private long _lookedAt = clock.GetTimestamp();
    private TimeSpan _coordinator;
    private TimeSpan _monitor;

    /// <summary>A coordinator that can decide was heard.</summary>
    public void HearCoordinator()
    {
        lock (_gate)
        {
            _coordinator = TimeSpan.Zero;
        }
    }

    /// <summary>A monitor agent of this datacenter was heard.</summary>
    public void HearMonitor()
    {
        lock (_gate)
        {
            _monitor = TimeSpan.Zero;
        }
    }

    /// <summary>How long neither has been heard of. To be called every second.</summary>
    public TimeSpan Look()
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            var passed = clock.GetElapsedTime(_lookedAt, now);
            _lookedAt = now;
            passed = passed < LongestLook ? passed : LongestLook;
            _coordinator += passed;
            _monitor += passed;
            return _coordinator < _monitor ? _coordinator : _monitor;
        }
    }
}

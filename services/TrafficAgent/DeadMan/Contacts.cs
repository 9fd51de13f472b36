namespace KongUpgradeMesh.TrafficAgent.DeadMan;

/// <summary>How long nobody was heard of. Counted from the start of this process, and only while it listens: a machine that was stopped for a minute has not been silent, it was deaf.</summary>
public sealed class Contacts(TimeProvider clock)
{
    // More than this between two looks is a stop of our own.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(3);

    // A watch that ended so long ago is no upgrade's any more; far beyond any dead-man switch.
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(2);
    private readonly Lock _gate = new();
    private long _lookedAt = clock.GetTimestamp();
    private TimeSpan _coordinator;
    private readonly Dictionary<Guid, TimeSpan> _watches = [];
    private TimeSpan _listening;

    /// <summary>A coordinator that can decide was heard.</summary>
    public void HearCoordinator()
    {
        lock (_gate)
        {
            _coordinator = TimeSpan.Zero;
        }
    }

    /// <summary>A monitor agent of this datacenter was heard. One that lives and does not watch an upgrade would not notice that its Y is sick.</summary>
    /// <param name="upgrades">The upgrades that it watches.</param>
    public void HearMonitor(IEnumerable<Guid> upgrades)
    {
        lock (_gate)
        {
            foreach (var upgrade in upgrades)
            {
                _watches[upgrade] = TimeSpan.Zero;
            }
        }
    }

    /// <summary>How long neither a coordinator nor a monitor agent that watches the upgrade has been heard of, at the last look.</summary>
    public TimeSpan SilenceOf(Guid upgradeId)
    {
        lock (_gate)
        {
            var watch = _watches.GetValueOrDefault(upgradeId, _listening);
            return _coordinator < watch ? _coordinator : watch;
        }
    }

    /// <summary>Counts the time since the last look. To be called every second.</summary>
    public void Look()
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            var passed = clock.GetElapsedTime(_lookedAt, now);
            _lookedAt = now;
            passed = passed < LongestLook ? passed : LongestLook;
            _coordinator += passed;
            _listening += passed;
            foreach (var (upgrade, silence) in _watches.ToArray())
            {
                if (silence < Forgotten)
                {
                    _watches[upgrade] = silence + passed;
                }
                else
                {
                    _watches.Remove(upgrade);
                }
            }
        }
    }
}

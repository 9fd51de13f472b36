using Microsoft.Extensions.Time.Testing;

namespace KongUpgradeMesh.TrafficAgent.Tests.Steps;

/// <summary>A clock that the test leads, and that knows whether everybody waits for it: then no timer runs that bounds a call.</summary>
public sealed class IdleClock() : FakeTimeProvider(DateTimeOffset.UtcNow)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);
    private readonly Dictionary<CountedTimer, TimeSpan> _timers = [];

    /// <summary>Whether somebody waits for time to pass, and nobody for an answer.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_timers)
            {
                return _timers.Count > 0 && _timers.Values.All(static due => due <= LongestWait);
            }
        }
    }

    /// <summary>Whether somebody waits for exactly this time.</summary>
    public bool IsAwaited(TimeSpan due)
    {
        lock (_timers)
        {
            return _timers.ContainsValue(due);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new CountedTimer(base.CreateTimer(callback, state, dueTime, period), End);
        lock (_timers)
        {
            _timers.Add(timer, dueTime);
        }

        return timer;
    }

    private void End(CountedTimer timer)
    {
        lock (_timers)
        {
            _timers.Remove(timer);
        }
    }

    private sealed class CountedTimer(ITimer timer, Action<CountedTimer> end) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            timer.Dispose();
            end(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>The system's clock, moved at will: that of the day and the one that should only run forward alike. Timers go on at their pace.</summary>
public sealed class JumpingClock : TimeProvider
{
    private long _moved;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + System.GetElapsedTime(0, Volatile.Read(ref _moved));

    public override long GetTimestamp() => System.GetTimestamp() + Volatile.Read(ref _moved);

    public void Jump(TimeSpan by) => Interlocked.Add(ref _moved, (long)(by.TotalSeconds * TimestampFrequency));
}

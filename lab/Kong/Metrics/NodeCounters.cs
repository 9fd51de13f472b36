namespace KongUpgradeMesh.Lab.StandInKong.Metrics;

/// <summary>What nginx counts: connections and requests of all listeners together.</summary>
internal sealed class NodeCounters
{
    private long _requests;
    private long _accepted;
    private long _active;
    private long _writing;

    public long Requests => Interlocked.Read(ref _requests);

    public long Accepted => Interlocked.Read(ref _accepted);

    public long Active => Interlocked.Read(ref _active);

    public long Writing => Interlocked.Read(ref _writing);

    public long Waiting => Math.Max(0, Active - Writing);

    public void RequestBegan()
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Increment(ref _writing);
    }

    public void RequestEnded() => Interlocked.Decrement(ref _writing);

    public void ConnectionOpened()
    {
        Interlocked.Increment(ref _accepted);
        Interlocked.Increment(ref _active);
    }

    public void ConnectionClosed() => Interlocked.Decrement(ref _active);
}

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>A lower bound of how often something happened that shows only as the gap between two counters, one of which lags behind the other.</summary>
/// <remarks>
/// From any moment on, the gap has grown by at most what happened and what still lags. The best of all chains of such stretches is kept, each stretch charged with the lag once:
/// so the bound never exceeds the truth, and is behind it by one lag however long it goes on.
/// </remarks>
public sealed class LaggingCount
{
    private double _walk;
    private double _bound;
    private double _best;

    /// <summary>Takes an interval and says by how much the bound has risen.</summary>
    /// <param name="gap">By how much the gap grew; negative when it shrank.</param>
    /// <param name="others">How much of it has other reasons.</param>
    /// <param name="lag">How much can be missing at the end of the interval.</param>
    public double Add(double gap, double others, double lag)
    {
        var before = _bound;
        _walk += gap - others;
        _bound = Math.Max(_bound, _walk - lag + _best);
        _best = Math.Max(_best, _bound - _walk);
        return _bound - before;
    }
}

namespace KongUpgradeMesh.Lab.StandInKong.Faults;

/// <summary>The plan in force, and how much of it has begun.</summary>
internal sealed class ActiveFaults
{
    private readonly TimeProvider _time;
    private readonly Dictionary<string, double> _lost;
    private readonly bool _onRequests;
    private long _seen;
    private long _begunAt;

    public ActiveFaults(FaultPlan plan, TimeProvider time)
    {
        (Plan, _time) = (plan, time);
        _lost = plan.LostRoutes
            .Select(entry => entry.Split(':', 2))
            .GroupBy(parts => parts[0])
            .ToDictionary(g => g.Key, g => g.First().Length > 1 && double.TryParse(g.First()[1], out var share) ? share : 1.0);
        _onRequests = plan.ErrorRate > 0 || plan.LatencyMs > 0 || plan.LostRoutes.Count > 0 || plan.RejectedKeys > 0 || plan.AfterRequests > 0;
        _begunAt = plan.AfterRequests > 0 ? 0 : time.GetTimestamp();
    }

    public FaultPlan Plan { get; }

    public bool HaveBegun => Interlocked.Read(ref _begunAt) != 0;

    public bool MetricsGone => Plan.MetricsGone && HaveBegun;

    public long LeakedBytes => HaveBegun ? (long)(Plan.LeakedBytesPerSecond * _time.GetElapsedTime(Interlocked.Read(ref _begunAt)).TotalSeconds) : 0;

    /// <summary>Counts one proxied request and says whether the faults apply to it.</summary>
    public bool Apply()
    {
        if (!_onRequests)
        {
            return false;
        }

        var seen = Interlocked.Increment(ref _seen);
        if (seen >= Plan.AfterRequests)
        {
            Interlocked.CompareExchange(ref _begunAt, _time.GetTimestamp(), 0);
        }

        return seen > Plan.AfterRequests;
    }

    public bool Loses(string? route) =>
        _lost.Count > 0 && ((_lost.TryGetValue("all", out var share) && Hits(share)) || (route is not null && _lost.TryGetValue(route, out share) && Hits(share)));

    public bool AnswersError(string? route) =>
        Plan.ErrorRate > 0 && (Plan.ErrorRoutes.Count == 0 || (route is not null && Plan.ErrorRoutes.Contains(route))) && Hits(Plan.ErrorRate);

    public bool RejectsKey() => Plan.RejectedKeys > 0 && Hits(Plan.RejectedKeys);

    private static bool Hits(double share) => Random.Shared.NextDouble() < share;
}

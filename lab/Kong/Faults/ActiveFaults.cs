namespace KongUpgradeMesh.Lab.StandInKong.Faults;

/// <summary>The plan in force, and how much of it has begun.</summary>
internal sealed class ActiveFaults(FaultPlan plan)
{
    private readonly Dictionary<string, double> _lost = plan.LostRoutes
        .Select(entry => entry.Split(':', 2))
        .GroupBy(parts => parts[0])
        .ToDictionary(g => g.Key, g => g.First().Length > 1 && double.TryParse(g.First()[1], out var share) ? share : 1.0);

    private readonly bool _nothing = plan.ErrorRate <= 0 && plan.LatencyMs <= 0 && plan.LostRoutes.Count == 0 && !plan.MetricsGone && plan.DieAfterMs <= 0;

    private long _seen;

    public FaultPlan Plan => plan;

    public bool HaveBegun => Interlocked.Read(ref _seen) >= plan.AfterRequests;

    public bool MetricsGone => plan.MetricsGone && HaveBegun;

    /// <summary>Counts one proxied request and says whether the faults apply to it.</summary>
    public bool Apply() => !_nothing && Interlocked.Increment(ref _seen) > plan.AfterRequests;

    public bool Loses(string? route) =>
        _lost.Count > 0 && ((_lost.TryGetValue("all", out var share) && Hits(share)) || (route is not null && _lost.TryGetValue(route, out share) && Hits(share)));

    public bool AnswersError() => plan.ErrorRate > 0 && Hits(plan.ErrorRate);

    private static bool Hits(double share) => Random.Shared.NextDouble() < share;
}

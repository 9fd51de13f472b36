using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Indicators;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>Judges cluster Y from an observation. Pure: the same observation always gives the same judgement.</summary>
public static class ClusterAnalysis
{
    private static readonly IIndicator[] Always = [new Readiness(), new Datastore(), new Versions(), new Visibility(), new Probes(), new Restarts(), new BalancerErrors()];

    private static readonly IIndicator[] OfTraffic =
    [
        new SampleSize(),
        new ErrorCeiling(),
        new RateRise(AnswerKind.ServerErrors),
        new RateRise(AnswerKind.GatewayErrors),
        .. AnswerKind.ClientErrors.Select(static kind => new RateRise(kind)),
        new RateLimiting(),
        new UnmatchedRequests(),
        Latency.Gateway,
        Latency.Total,
        Latency.Upstream,
        new SharedCause(),
        new NodeDifference(),
        new Memory(),
        new Targets(),
    ];

    /// <summary>Judges. Passed needs every indicator to have passed: what is not known is never good.</summary>
    public static Judgement Judge(Observation observation)
    {
        var indicators = observation.HasTrafficY ? Always.Concat(OfTraffic) : Always;
        var findings = indicators.SelectMany(i => Overriding.Judge(i, observation)).OrderBy(Badness).ToArray();
        var verdict = findings.First(static f => f.Counts).Verdict;
        var badSince = findings.Where(static f => f is { Counts: true, Verdict: Verdict.Failed }).Min(static f => f.BadSince);
        var breachFor = verdict == Verdict.Failed && badSince is { } since && observation.Elapsed > since ? observation.Elapsed - since : TimeSpan.Zero;
        return new Judgement(verdict, [.. findings.Select(f => f.BadSince is { } bad ? f.Evidence with { BadFor = observation.Elapsed - bad } : f.Evidence)], breachFor);
    }

    private static int Badness(Finding finding) => finding switch
    {
        { Counts: false } => 3,
        { Verdict: Verdict.Failed } => 0,
        { Verdict: Verdict.Errored } => 1,
        { Verdict: Verdict.Inconclusive } => 2,
        _ => 4,
    };
}

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>A way in which a request ends badly in the eyes of a load balancer, whose share on Y is compared with its share on X.</summary>
/// <param name="Name">Under which its burstiness on X is remembered.</param>
/// <param name="Label">What people call it.</param>
/// <param name="Trials">What people call those that it is a share of.</param>
/// <param name="HitsOf">How many ended so.</param>
/// <param name="TrialsOf">Of how many.</param>
/// <param name="Part">Its part of the indicator's chance of a false alarm.</param>
public sealed record BalancerKind(string Name, string Label, string Trials, Func<BalancerTally, double> HitsOf, Func<BalancerTally, double> TrialsOf, double Part)
{
    /// <summary>5xx, those of the balancer itself included.</summary>
    public static BalancerKind ServerErrors { get; } = new("balancer-5xx", "5xx", "answers", static t => t.ServerErrors, static t => t.Answers, 0.4);

    /// <summary>Attempts without an answer: refused, reset, timed out.</summary>
    public static BalancerKind FailedAttempts { get; } = new("balancer-attempts", "attempts without an answer", "attempts", static t => t.FailedAttempts(), static t => t.Attempts(), 0.3);

    /// <summary>4xx, those without a route included.</summary>
    public static BalancerKind ClientErrors { get; } = new("balancer-4xx", "4xx", "answers", static t => t.ClientErrors, static t => t.Answers, 0.3);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<BalancerKind> All { get; } = [ServerErrors, FailedAttempts, ClientErrors];

    /// <summary>Whether a small rise is a fault already, since no client causes it.</summary>
    public bool IsOfServer => this != ClientErrors;

    /// <summary>Hits and trials; a reading amid an answer never shows more hits than trials.</summary>
    public (double Hits, double Trials) Of(BalancerTally tally) => TrialsOf(tally) is var trials ? (Math.Min(HitsOf(tally), trials), trials) : default;
}

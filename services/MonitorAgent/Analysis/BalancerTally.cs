namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>What load balancers saw of one cluster over some time: differences of their counters, to be added up.</summary>
/// <param name="Answers">Answers that clients got from the cluster or, in its place, from the balancer itself.</param>
/// <param name="ServerErrors">Those of them with 5xx.</param>
/// <param name="ClientErrors">Those of them with 4xx.</param>
/// <param name="ConnectionErrors">Requests given up because no connection to the cluster came about.</param>
/// <param name="ResponseErrors">Requests whose answer broke off or was none.</param>
/// <param name="Retries">Attempts made again on the same node.</param>
/// <param name="Redispatches">Attempts made again on another node of the cluster.</param>
public sealed record BalancerTally(double Answers, double ServerErrors, double ClientErrors, double ConnectionErrors, double ResponseErrors, double Retries, double Redispatches)
{
    /// <summary>Nothing.</summary>
    public static BalancerTally None { get; } = new(0, 0, 0, 0, 0, 0, 0);

    /// <summary>Attempts to have a request answered: every answer ends one, every repetition adds one.</summary>
    public double Attempts() => Answers + Retries + Redispatches;

    /// <summary>Attempts that ended without an answer of the cluster, whether or not the client noticed.</summary>
    public double FailedAttempts() => ConnectionErrors + ResponseErrors + Retries + Redispatches;

    /// <summary>Adds.</summary>
    public BalancerTally Plus(BalancerTally other) => Combine(other, static (a, b) => a + b);

    /// <summary>Whether any counter is lower than before: the balancer began anew.</summary>
    public bool FellSince(BalancerTally before) => Combine(before, static (now, then) => now < then ? 1 : 0) != None;

    /// <summary>What was counted since an earlier reading of the same counters.</summary>
    public BalancerTally Since(BalancerTally before) => Combine(before, static (now, then) => now - then);

    /// <summary>The sum of several.</summary>
    public static BalancerTally Sum(IEnumerable<BalancerTally> parts) => parts.Aggregate(None, static (sum, part) => sum.Plus(part));

    private BalancerTally Combine(BalancerTally other, Func<double, double, double> combine) => new(
        combine(Answers, other.Answers),
        combine(ServerErrors, other.ServerErrors),
        combine(ClientErrors, other.ClientErrors),
        combine(ConnectionErrors, other.ConnectionErrors),
        combine(ResponseErrors, other.ResponseErrors),
        combine(Retries, other.Retries),
        combine(Redispatches, other.Redispatches));
}

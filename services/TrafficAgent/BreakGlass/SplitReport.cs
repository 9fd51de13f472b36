using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Fitness;
using KongUpgradeMesh.TrafficAgent.Incidents;
using KongUpgradeMesh.TrafficAgent.Marks;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.TrafficAgent.BreakGlass;

/// <summary>The JSON of <c>kum-traffic status</c>, one for each split.</summary>
/// <param name="UpgradeId">The upgrade.</param>
/// <param name="Cluster">The cluster that is upgraded.</param>
/// <param name="Driver">The balancer's driver.</param>
/// <param name="WeightY">Percent on Y by the balancer's word; null when it could not be read.</param>
/// <param name="Balancer">What the balancer holds, as a sentence; null when it could not be read.</param>
/// <param name="XServes">Whether a node of X answers here.</param>
/// <param name="YServes">Whether a node of Y answers here.</param>
/// <param name="ClosedEpoch">The newest epoch that was ended without a command; null for none.</param>
/// <param name="Unreported">Incidents that the broker has not taken yet, of the whole agent.</param>
/// <param name="Failure">Why the balancer could not be read; null when it could.</param>
internal sealed record SplitReport(
    Guid UpgradeId, string Cluster, string Driver, int? WeightY, string? Balancer, bool XServes, bool YServes, int? ClosedEpoch, int Unreported, Failure? Failure)
{
    private static readonly TimeSpan ProbeBound = TimeSpan.FromSeconds(2);

    public static async Task<SplitReport> OfAsync(KnownSplit split, CancellationToken cancellationToken)
    {
        var fitness = split.Agent.GetRequiredService<FitnessProbe>();
        var y = fitness.ProbeProxiesAsync(split.Known.NodesY, ProbeBound, cancellationToken);
        var x = await fitness.ProbeProxiesAsync(split.Known.NodesX, ProbeBound, cancellationToken);
        return new SplitReport(
            split.Upgrade,
            split.Cluster,
            split.Known.Traffic.Driver,
            split.Seen?.Split.WeightY,
            split.Seen?.ToString(),
            x.Answers,
            (await y).Answers,
            split.Agent.GetRequiredService<TrafficMarks>().Find(split.Upgrade)?.Epoch,
            split.Agent.GetRequiredService<IncidentBox>().Pending().Count,
            split.Failure);
    }
}

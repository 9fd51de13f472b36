using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.BreakGlass;

/// <summary>An upgrade's split as an agent of this host knows it and its balancer reports it.</summary>
/// <param name="Agent">The services over that agent's state.</param>
/// <param name="Known">What the agent knows.</param>
/// <param name="Seen">What the balancer holds; null when it could not be read.</param>
/// <param name="Failure">Why it could not be read; null when it could.</param>
internal sealed record KnownSplit(IServiceProvider Agent, TrafficIntent Known, ObservedTraffic? Seen, Failure? Failure)
{
    public Guid Upgrade => Known.Record.UpgradeId;

    public string Cluster => Known.Shift?.Cluster ?? "(unknown)";

    /// <summary>Whether the upgrade may have traffic on Y: the balancer says so, or it cannot be asked and the agent has not seen the end.</summary>
    public bool MayBeOn => Seen is null ? Known.MayBeOn : Seen.Split.WeightY > 0 && (Seen.IsOf(Upgrade) || ((Seen.Record is null || Seen.Tampered) && Known.MayBeOn));
}

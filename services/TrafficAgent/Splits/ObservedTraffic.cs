using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Splits;

/// <summary>What a load balancer reports, never what we last asked for.</summary>
/// <param name="Split">The split in force, rounded up to whole percents on Y.</param>
/// <param name="Record">The record beside it; null when there is none. Where <paramref name="Tampered"/>, it tells only whose it once was.</param>
/// <param name="Tampered">A record is there, but split or record were changed by somebody else.</param>
public sealed record ObservedTraffic(TrafficSplit Split, TrafficRecord? Record, bool Tampered)
{
    /// <summary>Nobody changed the split, and yet the record is not in force: the balancer was started anew and knows its configuration only, or a write was cut short. Default false.</summary>
    public bool HasLapsed { get; init; }

    /// <summary>Whether exactly <paramref name="record"/> is in force.</summary>
    public bool Is(TrafficRecord record) => !Tampered && !HasLapsed && Record == record && Split == record.Split;

    /// <summary>Whether the record, whole or not, names this upgrade.</summary>
    public bool IsOf(Guid upgradeId) => Record?.UpgradeId == upgradeId;

    public override string ToString() => Record is null
        ? $"{Split.WeightY} % on Y, nobody's record"
        : $"{Split.WeightY} % on Y, upgrade {Record.UpgradeId}, epoch {Record.Epoch}, step {Record.Step}{(Tampered ? ", changed by hand" : HasLapsed ? ", which a restart of the load balancer or a broken write has left out of force" : "")}";
}

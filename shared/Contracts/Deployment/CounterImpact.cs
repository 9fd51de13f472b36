namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>A counter or state in Kong's database that diverges while both clusters serve.</summary>
public sealed record CounterImpact
{
    /// <summary>Plugin name.</summary>
    public required string Plugin { get; init; }

    /// <summary>What it is attached to: <c>global</c> or service, route, consumer with id.</summary>
    public required string Scope { get; init; }

    /// <summary>The window of the limit, for example <c>minute</c>; empty where it does not apply.</summary>
    public required string Window { get; init; }

    /// <summary>The limit in that window; null where it does not apply.</summary>
    public long? Limit { get; init; }

    /// <summary>The worst that can happen to one client, in words.</summary>
    public required string WorstCase { get; init; }

    /// <summary>What lessens it.</summary>
    public required string Advice { get; init; }
}

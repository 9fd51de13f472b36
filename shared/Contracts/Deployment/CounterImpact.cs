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

    /// <summary>
    /// Requests above the limit that one steady client, kept on one side by the load balancer, can get in the one window in which it moves; with counters carried as the spec says, 10 seconds before it moves.
    /// Never more than <see cref="ExtraPerWindowUncarried"/>; null where it does not apply.
    /// </summary>
    public long? ExtraPerWindow { get; init; }

    /// <summary>Requests above the limit that one client can get in every window in which both clusters serve it, when the load balancer does not keep it on one side; carrying does not lower it. Null where it does not apply.</summary>
    public long? ExtraPerWindowUnsticky { get; init; }

    /// <summary>Requests above the limit that one client can get in a window when nothing is carried. Null where it does not apply.</summary>
    public long? ExtraPerWindowUncarried { get; init; }

    /// <summary>How many windows after the last traffic step the error is gone: 1 for fixed windows, 2 for sliding ones, which weigh the previous window; null where it does not apply.</summary>
    public int? TailWindows { get; init; }

    /// <summary>The worst that can happen to one client, in words.</summary>
    public required string WorstCase { get; init; }

    /// <summary>What lessens it.</summary>
    public required string Advice { get; init; }
}

namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>Something beside the nodes themselves that the monitor agent reads to judge cluster Y.</summary>
public sealed record MetricSourceSpec
{
    /// <summary>What it is: <c>haproxy</c> or <c>nginx</c>, a load balancer before both clusters.</summary>
    public required string Kind { get; init; }

    /// <summary>The kind's own settings: <see cref="HAProxySourceSpec"/>, <see cref="NginxSourceSpec"/>.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }
}

namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>A Prometheus that scrapes the nodes of both clusters, read instead of the nodes' own Status API.</summary>
public sealed record PrometheusSpec
{
    /// <summary>Its address, with its path prefix where it has one; the agent reads <c>federate</c> below it.</summary>
    public required Uri Url { get; init; }

    /// <summary>The scrape interval of the nodes. A fault shows up to two of them later. 1 second to 1 minute. Default 15 seconds.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The label that tells the nodes apart. Default <c>instance</c>.</summary>
    public string Label { get; init; } = "instance";

    /// <summary>What that label says of a node. Default <see cref="PrometheusLabelValue.Address"/>.</summary>
    public PrometheusLabelValue Value { get; init; } = PrometheusLabelValue.Address;

    /// <summary>The label <c>job</c> of the nodes' series; null where the nodes are scraped once only. Default null.</summary>
    public string? Job { get; init; }

    /// <summary>Reference to a bearer token, <c>env:NAME</c> or <c>file:/path</c>; null for none. Default null.</summary>
    public string? Token { get; init; }
}

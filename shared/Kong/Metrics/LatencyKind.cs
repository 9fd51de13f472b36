namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>The three latencies that Kong measures of each request.</summary>
public enum LatencyKind
{
    /// <summary>What Kong and its plugins added.</summary>
    Kong,

    /// <summary>From the first byte of the request to the last of the answer.</summary>
    Request,

    /// <summary>What the upstream service took; counts proxied requests only.</summary>
    Upstream,
}

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>Who counts requests together for a rate limit.</summary>
public enum LimitCounting
{
    /// <summary>Both clusters: counters in a Redis that they share. A split changes nothing.</summary>
    BothClusters,

    /// <summary>The nodes of one cluster: counters in its database. A client that is on both has two budgets.</summary>
    Cluster,

    /// <summary>Each node for itself: the more nodes a client's requests are spread over, the more it may do.</summary>
    Node,
}

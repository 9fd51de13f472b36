namespace KongUpgradeMesh.TrafficAgent.Fitness;

/// <summary>The result of probing every node of a cluster.</summary>
public sealed record ClusterFitness(IReadOnlyList<NodeFitness> Nodes)
{
    /// <summary>Every node is fit: the cluster may be given more traffic.</summary>
    public bool IsWhole => Nodes.Count > 0 && Nodes.All(static n => n.State == NodeState.Fit);

    /// <summary>At least one node is fit.</summary>
    public bool Answers => Nodes.Any(static n => n.State == NodeState.Fit);

    /// <summary>Nothing can be said: no node is fit, and of at least one it is not known why.</summary>
    public bool IsUnknown => !Answers && (Nodes.Count == 0 || Nodes.Any(static n => n.State == NodeState.Unknown));

    /// <summary>One line for each node that is not fit.</summary>
    public IReadOnlyList<string> Problems => [.. Nodes.Where(static n => n.State != NodeState.Fit).Select(static n => $"{n.Node}: {n.Problem}")];
}

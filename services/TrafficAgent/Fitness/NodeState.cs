namespace KongUpgradeMesh.TrafficAgent.Fitness;

/// <summary>What a probe found out about a node.</summary>
public enum NodeState
{
    /// <summary>No answer in time, or no way to it: it may be the node, or the way from here.</summary>
    Unknown,

    /// <summary>It answers as it should.</summary>
    Fit,

    /// <summary>Its host refuses the connection, or it answers that it is not well.</summary>
    Sick,
}

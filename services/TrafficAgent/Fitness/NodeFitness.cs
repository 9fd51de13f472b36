namespace KongUpgradeMesh.TrafficAgent.Fitness;

/// <summary>The result of probing one node.</summary>
/// <param name="Node">Its name.</param>
/// <param name="State">What was found.</param>
/// <param name="Problem">What is wrong, a few words; empty when it is fit.</param>
public sealed record NodeFitness(string Node, NodeState State, string Problem);

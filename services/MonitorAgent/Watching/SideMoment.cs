using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>One cluster in one interval, as it was read.</summary>
/// <param name="Nodes">Its nodes at the end of the interval, each of the spec.</param>
/// <param name="Tally">What they did in it.</param>
public sealed record SideMoment(IReadOnlyList<NodeState> Nodes, TrafficTally Tally);

using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Stops;

/// <summary>What came of a stop.</summary>
/// <param name="Took">From the order to the balancer's word that all traffic is on X; null when it is not.</param>
/// <param name="Failure">Why it is not; null when it is.</param>
/// <param name="IsMarked">Whether the mark is on disk.</param>
/// <param name="WillBeReported">Whether the incident is on disk.</param>
public sealed record StopResult(TimeSpan? Took, Failure? Failure, bool IsMarked, bool WillBeReported);

using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.BreakGlass;

/// <summary>The JSON of <c>kum-traffic restore</c>, one for each split.</summary>
/// <param name="UpgradeId">The upgrade.</param>
/// <param name="Cluster">The cluster that is upgraded.</param>
/// <param name="Driver">The balancer's driver.</param>
/// <param name="Before">What the balancer held before; null when it could not be read.</param>
/// <param name="AllOnX">Whether the balancer reports all traffic on X.</param>
/// <param name="Epoch">The epoch whose shifts are refused from now on.</param>
/// <param name="Took">How long it took; null when it was not done.</param>
/// <param name="IsMarked">Whether the mark is on disk, so that this host's agent refuses late shifts too.</param>
/// <param name="WillBeReported">Whether the agent will report it.</param>
/// <param name="Failure">Why it was not done; null when it was.</param>
internal sealed record RestoreOutcome(
    Guid UpgradeId, string Cluster, string Driver, string? Before, bool AllOnX, int Epoch, TimeSpan? Took, bool IsMarked, bool WillBeReported, Failure? Failure);

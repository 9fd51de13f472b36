namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>Where a case happens: some nodes of either cluster, which one watch compares.</summary>
/// <param name="Bench">The whole.</param>
/// <param name="X">Nodes of cluster X.</param>
/// <param name="Y">Nodes of cluster Y.</param>
internal sealed record Place(ClusterBench Bench, IReadOnlyList<BenchNode> X, IReadOnlyList<BenchNode> Y)
{
    /// <summary>Requests a second that the clients send to these nodes of Y.</summary>
    public double RateOfY(int weightY) => BenchLimits.RatePerSecond * weightY / 100 * Y.Count / Bench.Y.Count;
}

namespace KongUpgradeMesh.TrafficAgent.Drivers.External;

/// <summary>A weight for each side.</summary>
/// <param name="X">Cluster X's, 0 or more.</param>
/// <param name="Y">Cluster Y's, 0 or more.</param>
internal sealed record SideWeights(int X, int Y);

namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>What latencies are kept by.</summary>
/// <param name="Service">Name or id of the service; empty together with the route for what was measured without either.</param>
/// <param name="Route">Name or id of the route; empty when unknown.</param>
public readonly record struct RouteKey(string Service, string Route);

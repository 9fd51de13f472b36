namespace KongUpgradeMesh.Kong.Metrics;

/// <summary>A route as Kong's metrics name it.</summary>
/// <param name="Service">Name or id of the service; empty together with the route for what was measured without either.</param>
/// <param name="Route">Name or id of the route; empty when unknown.</param>
public readonly record struct RouteKey(string Service, string Route)
{
    /// <summary>For people.</summary>
    public override string ToString() => Route.Length > 0 ? Route : Service;
}

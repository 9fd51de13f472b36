namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>A route as Kong's metrics name it.</summary>
/// <param name="Service">Its service.</param>
/// <param name="Route">Its name.</param>
public readonly record struct RouteName(string Service, string Route)
{
    /// <summary>For people.</summary>
    public override string ToString() => Route.Length > 0 ? Route : Service;
}

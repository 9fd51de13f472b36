using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>A part of the traffic: all of it, a service or a route.</summary>
/// <param name="Service">The service; null for all.</param>
/// <param name="Route">The service's route; null for all of them.</param>
public readonly record struct Scope(string? Service, string? Route)
{
    /// <summary>All traffic.</summary>
    public static Scope All => default;

    /// <summary>The route's or service's name as Kong's metrics have it; null for all traffic.</summary>
    public string? Name => string.IsNullOrEmpty(Route) ? Service : Route;

    /// <summary>Whether a request belongs to it.</summary>
    public bool Contains(RouteCode key) => (Service is null || key.Service == Service) && (Route is null || key.Route == Route);

    /// <summary>For a sentence, with a leading blank; empty for all traffic.</summary>
    public override string ToString() => Service is null ? "" : Route is null ? $" of service {Service}" : $" of route {Name}";
}

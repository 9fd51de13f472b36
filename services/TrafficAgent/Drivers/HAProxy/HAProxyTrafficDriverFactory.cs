namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>Makes haproxy drivers.</summary>
public sealed class HAProxyTrafficDriverFactory(TimeProvider clock) : ITrafficDriverFactory
{
    /// <inheritdoc/>
    public string Name => "haproxy";

    /// <inheritdoc/>
    public ITrafficDriver Create(DriverSettings settings) => new HAProxyTrafficDriver(HAProxyOptions.Bind(settings), clock);
}

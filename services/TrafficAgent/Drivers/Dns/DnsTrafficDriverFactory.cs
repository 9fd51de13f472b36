namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>Makes drivers of DNS servers that take signed updates (RFC 2136), such as BIND and Knot.</summary>
public sealed class DnsTrafficDriverFactory(TtlNotes notes, TimeProvider clock) : ITrafficDriverFactory
{
    /// <inheritdoc/>
    public string Name => "dns";

    /// <inheritdoc/>
    public ITrafficDriver Create(DriverSettings settings) => new DnsTrafficDriver(DnsOptions.Bind(settings), notes, clock);
}

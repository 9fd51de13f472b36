using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>Makes haproxy drivers.</summary>
public sealed class HAProxyTrafficDriverFactory(HAProxyAgentChecks checks, HAProxyWeightsNotes notes, TimeProvider clock) : ITrafficDriverFactory
{
    /// <inheritdoc/>
    public string Name => "haproxy";

    /// <inheritdoc/>
    public ITrafficDriver Create(DriverSettings settings)
    {
        var options = HAProxyOptions.Bind(settings);
        var haproxy = new HAProxyRuntimeClient(options, clock);
        IHAProxySplit split = options switch
        {
            { AgentCheck: { } pull } => new AgentCheckSplit(options, pull, haproxy, checks, clock),
            { Weights: { } weights } => new WeightsSplit(options, weights, haproxy, notes, clock),
            _ => new MapSplit(options, haproxy, clock),
        };
        return new HAProxyTrafficDriver(options, split, haproxy, clock);
    }
}

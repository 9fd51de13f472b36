using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.Drivers.External;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Exec;

/// <summary>Makes drivers that run a program.</summary>
public sealed class ExecTrafficDriverFactory(IProgramRunner programs, TimeProvider clock) : ITrafficDriverFactory
{
    /// <inheritdoc/>
    public string Name => "exec";

    /// <inheritdoc/>
    public ITrafficDriver Create(DriverSettings settings)
    {
        var options = ExecOptions.Bind(settings);
        return new ExternalTrafficDriver(options.External, new ExecBalancer(options, programs), clock);
    }
}

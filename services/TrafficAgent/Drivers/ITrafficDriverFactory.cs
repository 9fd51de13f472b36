using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Drivers;

/// <summary>Makes drivers of one kind.</summary>
public interface ITrafficDriverFactory
{
    /// <summary>The value of the spec's <c>traffic.driver</c> that selects this kind.</summary>
    string Name { get; }

    /// <summary>Binds the settings and makes a driver; contacts nothing.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.SpecInvalid"/>, listing every wrong setting.</exception>
    ITrafficDriver Create(DriverSettings settings);
}

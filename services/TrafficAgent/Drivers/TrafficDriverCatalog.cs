using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.TrafficAgent.Drivers;

/// <summary>The drivers that this agent has, by name.</summary>
public sealed class TrafficDriverCatalog(IEnumerable<ITrafficDriverFactory> factories)
{
    private readonly Dictionary<string, ITrafficDriverFactory> _factories = factories.ToDictionary(static f => f.Name, StringComparer.Ordinal);

    /// <summary>Makes the driver that the spec names.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.DriverUnknown"/> or <see cref="FailureCodes.SpecInvalid"/>.</exception>
    public ITrafficDriver Create(string driver, IReadOnlyDictionary<string, string> settings)
    {
        if (!_factories.TryGetValue(driver, out var factory))
        {
            throw new StepFailedException(new Failure
            {
                Code = FailureCodes.DriverUnknown,
                Message = $"This agent has no traffic driver \"{driver}\".",
                Remedy = $"Set traffic.driver to one of: {string.Join(", ", _factories.Keys.Order(StringComparer.Ordinal))}.",
            });
        }

        return factory.Create(new DriverSettings(settings));
    }

    /// <summary>Makes the driver that the spec names.</summary>
    public ITrafficDriver Create(TrafficSpec spec) => Create(spec.Driver, spec.Settings);
}

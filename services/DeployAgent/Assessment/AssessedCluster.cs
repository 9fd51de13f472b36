using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.Kong.Configuration;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Assessment;

/// <summary>Everything the rules look at.</summary>
internal sealed record AssessedCluster
{
    public required KongVersion From { get; init; }

    public required KongVersion To { get; init; }

    public KongEdition Edition { get; init; }

    /// <summary>What is set for cluster X.</summary>
    public required KongConfiguration ConfigurationX { get; init; }

    /// <summary>What is set for cluster Y.</summary>
    public required KongConfiguration ConfigurationY { get; init; }

    public required KongEntities Entities { get; init; }

    /// <summary>When configuration can be written again at the latest; null when it is not known.</summary>
    public DateTimeOffset? ExpectedEnd { get; init; }

    /// <summary>Instances of the named plugins, switched on or not: a disabled row is migrated and validated like any other.</summary>
    public IEnumerable<PluginEntity> Plugins(params string[] names) => Entities.Plugins.Where(p => names.Contains(p.Name));

    /// <summary>The subjects of all instances that fulfil a condition.</summary>
    public IEnumerable<string> Describe(IEnumerable<PluginEntity> plugins) => plugins.Select(p => $"plugin {p.Name} ({Entities.ScopeOf(p)})");

    /// <summary>All regular expressions in route paths, with the route's label.</summary>
    public IEnumerable<(string Route, string Pattern)> RoutePatterns =>
        from route in Entities.Routes
        from path in route.Paths ?? []
        let read = RoutePath.Read(path, From)
        where read.Pattern is not null
        select (route.Label, read.Pattern);

    /// <summary>Whether cluster Y keeps the router of 2.x.</summary>
    public bool KeepsTraditionalRouter => ConfigurationY["router_flavor"] == "traditional";
}

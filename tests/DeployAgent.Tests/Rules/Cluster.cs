using System.Text.Json;
using KongUpgradeMesh.DeployAgent.Assessment;
using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.Kong.Configuration;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Tests.Rules;

/// <summary>Small clusters for rules.</summary>
internal static class Cluster
{
    public static AssessedCluster With(KongEntities? entities = null, string confX = "", string confY = "", string from = "2.8.5", string to = "3.4.2") => new()
    {
        From = KongVersion.Parse(from),
        To = KongVersion.Parse(to),
        ConfigurationX = KongConfiguration.Merge(confX, []),
        ConfigurationY = KongConfiguration.Merge(confY, []),
        Entities = entities ?? new KongEntities(),
    };

    public static KongEntities Plugin(string name, string config) =>
        new() { Plugins = [new PluginEntity { Id = Guid.NewGuid(), Name = name, Config = JsonDocument.Parse(config).RootElement }] };

    public static KongEntities Route(params string[] paths) => new() { Routes = [new RouteEntity { Id = Guid.NewGuid(), Name = "r", Paths = paths }] };

    public static IReadOnlyList<string> Hits(this AssessedCluster cluster) => [.. UpgradeAssessment.Of(cluster).Findings.Select(static f => f.Rule).Distinct()];
}

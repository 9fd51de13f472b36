using System.Text.Json;
using KongUpgradeMesh.Contracts.Specs;
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

    public static UpgradeSpec Spec(RuntimeStateSpec? state = null, params int[] steps) => new()
    {
        Cluster = "lab",
        Datacenter = "eu1",
        From = Side("2.8.5"),
        To = Side("3.4.2"),
        Backup = new BackupSpec { Directory = "/nowhere" },
        Traffic = new TrafficSpec { Driver = "none", Settings = new Dictionary<string, string>(), Steps = steps.Length > 0 ? steps : [1, 10, 25, 50, 100] },
        RuntimeState = state ?? new RuntimeStateSpec(),
    };

    private static ClusterSpec Side(string version) => new()
    {
        Version = version,
        Database = new DatabaseSpec { Host = "h", Name = "n", User = "u" },
        Deployment = new DeploymentSpec { Executable = "/kong" },
        Nodes = [],
    };

    public static KongEntities Plugin(string name, string config) =>
        new() { Plugins = [new PluginEntity { Id = Guid.NewGuid(), Name = name, Config = JsonDocument.Parse(config).RootElement }] };

    public static KongEntities Route(params string[] paths) => new() { Routes = [new RouteEntity { Id = Guid.NewGuid(), Name = "r", Paths = paths }] };

    public static IReadOnlyList<string> Hits(this AssessedCluster cluster) => [.. UpgradeAssessment.Of(cluster).Findings.Select(static f => f.Rule).Distinct()];
}

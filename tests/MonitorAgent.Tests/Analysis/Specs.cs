using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

/// <summary>Commands as the coordinator sends them.</summary>
public static class Specs
{
    public static PrepareMonitoring Prepare(MonitorSpec monitor, params IReadOnlyList<NodeSpec> from) => new()
    {
        Step = new StepRef { UpgradeId = Guid.NewGuid(), Cluster = "shop", Lane = StepLanes.Main, Name = "prepare-monitoring", Epoch = 1, Sequence = 1, Attempt = 1 },
        Datacenter = "eu1",
        Timeout = TimeSpan.FromMinutes(1),
        Spec = Watch(0, WatchPurpose.Baseline, monitor, from).Spec,
    };

    public static WatchTraffic Watch(
        int weightY,
        WatchPurpose purpose = WatchPurpose.Step,
        MonitorSpec? monitor = null,
        IReadOnlyList<NodeSpec>? from = null,
        IReadOnlyList<NodeSpec>? to = null,
        int minimumRequests = 50)
    {
        var traffic = new TrafficSpec { Driver = "haproxy", Settings = new Dictionary<string, string>(), MinimumRequests = minimumRequests };
        return new()
        {
            Step = new StepRef { UpgradeId = Guid.NewGuid(), Cluster = "shop", Lane = StepLanes.Watch, Name = $"watch-{weightY}", Epoch = 1, Sequence = 1, Attempt = 1 },
            Datacenter = "eu1",
            Timeout = TimeSpan.FromHours(1),
            Purpose = purpose,
            Split = new TrafficSplit { WeightY = weightY },
            TrafficStep = traffic.Steps.Count(step => step < weightY) + 1,
            Spec = new UpgradeSpec
            {
                Cluster = "shop",
                Datacenter = "eu1",
                From = Cluster("2.8.5", from ?? [Node("n1", 1)]),
                To = Cluster("3.4.2", to ?? [Node("n1", 2)]),
                Backup = new BackupSpec { Directory = "/var/backups/kong" },
                Traffic = traffic,
                Monitor = monitor ?? new MonitorSpec(),
            },
        };
    }

    public static NodeSpec Node(string name, int port) => new()
    {
        Name = name,
        Prefix = $"/var/lib/kong/{name}",
        Proxy = new Uri($"http://127.0.0.1:{port}"),
        Admin = new Uri($"http://127.0.0.1:{port}"),
    };

    private static ClusterSpec Cluster(string version, IReadOnlyList<NodeSpec> nodes) => new()
    {
        Version = version,
        Database = new DatabaseSpec { Host = "127.0.0.1", Name = "kong", User = "kong" },
        Deployment = new DeploymentSpec { Executable = "/usr/local/bin/kong" },
        Nodes = nodes,
    };
}

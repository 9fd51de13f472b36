using System.Text.Json.Nodes;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Lab.Demo.Clusters;

namespace KongUpgradeMesh.Lab.Demo.Faults;

/// <summary>Makes the stand-in's nodes fail, by the file that they read.</summary>
public static class FaultInjection
{
    /// <summary>Name of the file in a node's prefix directory.</summary>
    public const string FileName = "faults.json";

    /// <summary>Name of the file beside it in which a node confirms the plan that is in force.</summary>
    public const string AppliedFileName = "faults.applied";

    /// <summary>Why a fault cannot be injected into this executable; null when it can.</summary>
    public static string? WhyNot(FaultKind fault, KongExecutable kong) => kong.IsStandIn
        ? null
        : $"--fault {fault.ToString().ToLowerInvariant()} works with the lab's stand-in only: {kong.Path} is a real Kong {kong.Version}, which cannot be told to fail. Leave out --fault or --kong-y.";

    /// <summary>The content of the file.</summary>
    public static string Content(FaultKind fault) => fault switch
    {
        FaultKind.Errors => new JsonObject { ["errorRate"] = 0.2 }.ToJsonString(),
        FaultKind.Latency => new JsonObject { ["latencyMs"] = 300 }.ToJsonString(),
        FaultKind.Routes => new JsonObject { ["lostRoutes"] = new JsonArray("all:0.3") }.ToJsonString(),
        FaultKind.Auth => new JsonObject { ["rejectedKeys"] = 1 }.ToJsonString(),
        FaultKind.Node => new JsonObject { ["dieAfterMs"] = 1 }.ToJsonString(),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    /// <summary>Makes every node of a cluster fail from now on.</summary>
    public static async Task InjectAsync(FaultKind fault, ClusterSpec cluster, CancellationToken cancellationToken)
    {
        foreach (var node in cluster.Nodes)
        {
            // Moved into place: a node must never read half a file.
            var file = Path.Combine(node.Prefix, FileName);
            await File.WriteAllTextAsync(file + ".new", Content(fault), cancellationToken);
            File.Move(file + ".new", file, overwrite: true);
        }
    }
}

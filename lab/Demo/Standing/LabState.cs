using System.Text.Json;
using KongUpgradeMesh.Lab.Demo.Environments;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Lab.Demo.Standing;

/// <summary>What others need to know of a lab that stands: the content of <c>lab.json</c>.</summary>
public sealed record LabState
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The lab's directory.</summary>
    public required string Directory { get; init; }

    /// <summary>Where the clusters pretend to stand.</summary>
    public required string Datacenter { get; init; }

    /// <summary>Process that holds the lab; ending it ends everything.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Port of the database server on 127.0.0.1.</summary>
    public required int PostgresPort { get; init; }

    /// <summary>Process id of the database server.</summary>
    public required int PostgresProcessId { get; init; }

    /// <summary>The clusters.</summary>
    public required IReadOnlyList<LabClusterState> Clusters { get; init; }

    /// <summary>Where the file lies.</summary>
    public static string PathIn(string directory) => Path.Combine(directory, "lab.json");

    /// <summary>Describes running environments.</summary>
    public static LabState Of(StandingLabOptions options, PostgresServer postgres, IReadOnlyList<DemoEnvironment> environments) => new()
    {
        Directory = options.Directory,
        Datacenter = options.Datacenter,
        ProcessId = Environment.ProcessId,
        PostgresPort = postgres.Port,
        PostgresProcessId = postgres.ProcessId,
        Clusters = [.. environments.Select(LabClusterState.Of)],
    };

    /// <summary>Reads the file; null when there is none.</summary>
    public static async Task<LabState?> ReadAsync(string directory, CancellationToken cancellationToken) =>
        File.Exists(PathIn(directory)) ? JsonSerializer.Deserialize<LabState>(await File.ReadAllTextAsync(PathIn(directory), cancellationToken), Json) : null;

    /// <summary>Writes the file; it appears whole or not at all.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var path = PathIn(Directory);
        await File.WriteAllTextAsync(path + ".new", JsonSerializer.Serialize(this, Json), cancellationToken);
        File.Move(path + ".new", path, overwrite: true);
    }
}

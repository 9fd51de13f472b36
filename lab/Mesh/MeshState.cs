using System.Text.Json;

namespace KongUpgradeMesh.Lab.Mesh;

/// <summary>What runs, written by the supervisor after every change and read by <c>up</c>, <c>down</c> and <c>status</c>.</summary>
internal sealed record MeshState
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The process that starts and ends all others.</summary>
    public required ProcessIdentity Supervisor { get; init; }

    /// <summary>The datacenters that have agents.</summary>
    public required IReadOnlyList<string> Datacenters { get; init; }

    /// <summary>Everything it started, in the order of starting.</summary>
    public IReadOnlyList<MeshProcess> Processes { get; init; } = [];

    /// <summary>What it is doing, in a few words.</summary>
    public string Doing { get; init; } = "";

    /// <summary>Whether everything has been ready once.</summary>
    public bool IsReady { get; init; }

    /// <summary>Reads the state; null when there is none.</summary>
    public static MeshState? Read(MeshFiles files)
    {
        try
        {
            return JsonSerializer.Deserialize<MeshState>(File.ReadAllText(files.State), Json);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Replaces the state file as a whole, so that no reader sees half of it.</summary>
    public void Write(MeshFiles files)
    {
        File.WriteAllText(files.State + ".new", JsonSerializer.Serialize(this, Json));
        File.Move(files.State + ".new", files.State, overwrite: true);
    }
}

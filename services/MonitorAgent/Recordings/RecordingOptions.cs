using System.ComponentModel.DataAnnotations;

namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>Whether and how much of the watches is recorded in the agent's state directory, so that they can be judged again with other thresholds.</summary>
public sealed class RecordingOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Monitor:Recordings";

    /// <summary>Whether watches are recorded. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Size at which a recording goes on in the next file, in mebibytes. 1 to 1024. Default 32.</summary>
    [Range(1, 1024)]
    public int FileMebibytes { get; set; } = 32;

    /// <summary>Size of all recordings together, in mebibytes; the oldest are removed first, never one that is being written. 2 to 1048576. Default 512.</summary>
    [Range(2, 1_048_576)]
    public int TotalMebibytes { get; set; } = 512;
}

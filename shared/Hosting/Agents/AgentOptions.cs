using System.ComponentModel.DataAnnotations;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>What every agent needs to know of itself.</summary>
public sealed class AgentOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Agent";

    /// <summary>The datacenter the agent stands in, 1 to 40 characters of <c>a-z 0-9 -</c>. Required.</summary>
    [Required]
    [RegularExpression("^[a-z0-9-]{1,40}$")]
    public string Datacenter { get; set; } = "";

    /// <summary>Name of this agent, stable over restarts and unique within kind and datacenter. Default: the machine's name.</summary>
    [Required]
    public string Name { get; set; } = Environment.MachineName;

    /// <summary>How often the agent says that it is alive. 100 milliseconds to 5 seconds. Default 2 seconds; must stay below a third of the coordinator's lease.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:05")]
    public TimeSpan BeatInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Directory that outlives the process, where the newest epoch seen for each upgrade is kept. Default <c>/var/lib/kong-upgrade-mesh</c>.</summary>
    [Required]
    public string StateDirectory { get; set; } = "/var/lib/kong-upgrade-mesh";

    /// <summary>How long a new step waits for the superseded one of its lane to stop. 0 to 1 minute. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan SupersedeGrace { get; set; } = TimeSpan.FromSeconds(5);
}

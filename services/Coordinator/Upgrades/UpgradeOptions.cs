using System.ComponentModel.DataAnnotations;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>How long things may take before the coordinator acts.</summary>
public sealed class UpgradeOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Upgrades";

    /// <summary>How long a working agent may be silent before its step is sent again. 1 second to 5 minutes. Default 8 seconds; must be at least three beat intervals of the agents.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>How long a step may wait for an agent to take it before it counts as failed. 1 second to 7 days. Default 30 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan AgentWait { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a short step may take once taken: preflight, traffic, verification, unfreeze. 1 second to 1 day. Default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ShortStep { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a long step may take once taken: dump, restore, migrations, staging, and the wait for an old time to live. 1 minute to 7 days. Default 12 hours.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan LongStep { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How long one try to restore traffic may take before the next one begins. 1 second to 10 minutes. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan RestoreTraffic { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a step that failed for a passing reason is tried in all. 1 to 20. Default 3. Rolling back has no limit.</summary>
    [Range(1, 20)]
    public int Attempts { get; set; } = 3;

    /// <summary>Wait before the second try; doubled for each further one, up to a minute. 100 milliseconds to 10 minutes. Default 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a pause may last before the upgrade rolls back by itself; after the point of no return it only alerts. 1 second to 30 days. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan PauseLimit { get; set; } = TimeSpan.FromDays(1);
}

using System.ComponentModel.DataAnnotations;

namespace KongUpgradeMesh.DeployAgent;

/// <summary>Settings of the deploy agent.</summary>
public sealed class DeployOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Deploy";

    /// <summary>Directory for short-lived files, such as the prefix of a migration run; each is made private and removed again. Default: the system's temporary directory.</summary>
    [Required]
    public string WorkDirectory { get; set; } = Path.GetTempPath();

    /// <summary>How long a graceful stop of a node may take before it is stopped hard. 1 second to 10 minutes. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one run of <c>kong migrations</c> may take. 10 seconds to 6 hours. Default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "06:00:00")]
    public TimeSpan MigrationTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a restore may take. 10 seconds to 24 hours. Default 6 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan RestoreTimeout { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How long carrying counters and tokens before one traffic step may take; the traffic moves all the same afterwards. Half of the step's own time is never exceeded. 1 second to 1 hour. Default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan CarryTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one staging request may take. 100 milliseconds to 5 minutes. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan StagingRequestTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many staging requests run at once; they reach real upstreams. 1 to 64. Default 8.</summary>
    [Range(1, 64)]
    public int StagingConcurrency { get; set; } = 8;

    /// <summary>How long preflight watches cluster X for configuration writes. 0 to 30 seconds. Default 3 seconds; PostgreSQL tells of a write up to 10 seconds late, so a shorter look sees less.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan WriterWatch { get; set; } = TimeSpan.FromSeconds(3);
}

using System.ComponentModel.DataAnnotations;

namespace KongUpgradeMesh.TrafficAgent.Ownership;

/// <summary>How often the traffic agent looks at the splits that it has set.</summary>
public sealed class SplitWatchOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "SplitWatch";

    /// <summary>How often the load balancer is asked whether it still carries our split, and how long one answer may take. 100 milliseconds to 2.5 seconds. Default 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:02.5")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the share that flows is compared with the share that is set, beside the time that the driver observes it. 100 milliseconds to 10 minutes. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan ShareInterval { get; set; } = TimeSpan.FromSeconds(10);
}

using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>How a demo ended; its number is the exit code.</summary>
[JsonConverter(typeof(DemoOutcomeConverter))]
public enum DemoOutcome
{
    /// <summary>Cluster Y carries all traffic, and everything that was verified holds.</summary>
    Completed = 0,

    /// <summary>It could not be shown, or something that was verified does not hold.</summary>
    Failed = 1,

    /// <summary>Cluster X carries all traffic again, and everything that was verified holds.</summary>
    RolledBack = 2,
}

using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Api;

/// <summary>How an upgrade ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UpgradeOutcome>))]
public enum UpgradeOutcome
{
    /// <summary>Cluster Y carries all traffic and cluster X is gone.</summary>
    Completed,

    /// <summary>Cluster X carries all traffic again; cluster Y is kept for inspection.</summary>
    RolledBack,

    /// <summary>It ended before any traffic moved.</summary>
    Failed,

    /// <summary>A person ended it.</summary>
    Aborted,
}

using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Monitoring;

/// <summary>The judgement of cluster Y.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
public enum Verdict
{
    /// <summary>Not enough evidence yet.</summary>
    Inconclusive,

    /// <summary>Enough positive evidence on every metric, and none against.</summary>
    Passed,

    /// <summary>Cluster Y is worse than cluster X, or broke a hard stop.</summary>
    Failed,

    /// <summary>It could not be measured.</summary>
    Errored,
}

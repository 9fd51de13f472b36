using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>How bad a finding is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingSeverity>))]
public enum FindingSeverity
{
    /// <summary>Good to know.</summary>
    Info,

    /// <summary>Behaviour changes; the operator should look.</summary>
    Warning,

    /// <summary>Cluster Y would break; the upgrade ends unless overridden.</summary>
    Blocker,
}

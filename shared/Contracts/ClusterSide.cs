using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts;

/// <summary>Which of the two clusters of an upgrade is meant.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClusterSide>))]
public enum ClusterSide
{
    /// <summary>The current cluster, the one that is being replaced.</summary>
    X,

    /// <summary>The new cluster.</summary>
    Y,
}

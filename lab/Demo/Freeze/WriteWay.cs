using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Lab.Demo.Freeze;

/// <summary>How a write is tried.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WriteWay>))]
public enum WriteWay
{
    /// <summary>Through Kong's Admin API.</summary>
    AdminApi,

    /// <summary>Past Kong, in the database.</summary>
    Sql,
}

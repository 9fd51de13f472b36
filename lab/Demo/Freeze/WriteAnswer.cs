using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Lab.Demo.Freeze;

/// <summary>What became of a write.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WriteAnswer>))]
public enum WriteAnswer
{
    /// <summary>It was refused.</summary>
    Refused,

    /// <summary>It was taken.</summary>
    Accepted,

    /// <summary>Nobody answered, or for a reason that has nothing to do with the freeze; says nothing about it.</summary>
    Unanswered,
}

using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>What is done about tables the product does not know.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UnknownTableChoice>))]
public enum UnknownTableChoice
{
    /// <summary>They stay writable and are copied; reported.</summary>
    Leave,

    /// <summary>They are fenced and copied.</summary>
    Fence,

    /// <summary>The upgrade is refused while they exist.</summary>
    Refuse,
}

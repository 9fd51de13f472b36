using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>Kong's edition.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KongEdition>))]
public enum KongEdition
{
    /// <summary>Open source.</summary>
    Community,

    /// <summary>Kong Enterprise.</summary>
    Enterprise,
}

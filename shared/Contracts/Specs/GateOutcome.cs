using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>What happens when nobody decides at a gate.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GateOutcome>))]
public enum GateOutcome
{
    /// <summary>All traffic goes to X and the upgrade ends as rolled back.</summary>
    RollBack,

    /// <summary>The upgrade goes on as if approved.</summary>
    Proceed,
}

using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>What follows a failed verdict while there is a way back.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FailedVerdictChoice>))]
public enum FailedVerdictChoice
{
    /// <summary>All traffic goes back to cluster X at once.</summary>
    RollBack,

    /// <summary>The split stays as it is and the run waits for a person, who rolls back or overrides the finding by name. Needs <c>traffic.reflex: false</c>.</summary>
    Pause,
}

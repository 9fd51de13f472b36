using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>What happens when somebody else changes the split of a running upgrade. While traffic goes back to X the answer is always <see cref="Reassert"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ForeignChangeChoice>))]
public enum ForeignChangeChoice
{
    /// <summary>The run pauses and the split stays as it was found.</summary>
    Pause,

    /// <summary>Our split is put back once; at a second change within a minute the run pauses, since somebody else owns the split then. Less on Y than ours is never raised again.</summary>
    Reassert,
}

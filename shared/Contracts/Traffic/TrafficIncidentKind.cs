using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Traffic;

/// <summary>What happened to a split without a command of the coordinator.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TrafficIncidentKind>))]
public enum TrafficIncidentKind
{
    /// <summary>A failed verdict was heard, and all traffic was put on X at once.</summary>
    ReflexRestored,

    /// <summary>Neither coordinator nor monitor agent was heard of, and all traffic was put on X.</summary>
    DeadManRestored,

    /// <summary>Neither coordinator nor monitor agent was heard of, and the split was held as the spec says.</summary>
    DeadManHeld,

    /// <summary>Somebody put all traffic on X with <c>kum-traffic restore</c> on the agent's host.</summary>
    BreakGlassRestored,

    /// <summary>Traffic should have gone back to X, but X cannot serve while Y does, or the balancer does not let it; the message says which.</summary>
    RestoreHeld,

    /// <summary>Somebody else changed the split; it was left as found.</summary>
    SplitChanged,

    /// <summary>Somebody else changed the split; ours was put back.</summary>
    SplitReasserted,

    /// <summary>The share that flows is not the one that is set.</summary>
    ShareDiffers,
}

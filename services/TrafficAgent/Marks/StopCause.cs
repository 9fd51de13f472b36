using System.Text.Json.Serialization;

namespace KongUpgradeMesh.TrafficAgent.Marks;

/// <summary>Who put all traffic back on X without a command of the coordinator.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StopCause>))]
public enum StopCause
{
    /// <summary>A failed verdict was heard.</summary>
    Reflex,

    /// <summary>Nobody was heard of.</summary>
    DeadMan,

    /// <summary>A person on the agent's host.</summary>
    BreakGlass,
}

using System.Text.Json.Serialization;

namespace KongUpgradeMesh.TrafficAgent.Intents;

/// <summary>How far an intent came.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IntentState>))]
public enum IntentState
{
    /// <summary>It may or may not have been done.</summary>
    Intended,

    /// <summary>The load balancer reported it in force.</summary>
    Confirmed,

    /// <summary>It will not be done; the coordinator was told why.</summary>
    Dropped,

    /// <summary>The upgrade has ended: what is in force is nobody's to watch or to restore.</summary>
    Released,
}

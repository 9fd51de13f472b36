using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Monitoring;

/// <summary>What a watch judges.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WatchPurpose>))]
public enum WatchPurpose
{
    /// <summary>Both sides are seen, before the first shift; no traffic on Y yet.</summary>
    Baseline,

    /// <summary>One traffic step.</summary>
    Step,

    /// <summary>All traffic on Y, before X is removed.</summary>
    Soak,

    /// <summary>After the end; X may be gone, findings only alert.</summary>
    After,
}

using System.Text.Json.Serialization;

namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>What the traffic agent does with a split when it hears of nobody any more.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeadManAction>))]
public enum DeadManAction
{
    /// <summary>All traffic goes back to cluster X.</summary>
    Restore,

    /// <summary>The split stays; it is reported when contact returns.</summary>
    Hold,
}

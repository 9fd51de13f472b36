using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Stops;

/// <summary>All traffic is to go back to X without a command of the coordinator.</summary>
public sealed record StopOrder
{
    /// <summary>What this agent knows of the upgrade's split; its <see cref="TrafficIntent.Shift"/> is known.</summary>
    public required TrafficIntent Known { get; init; }

    /// <summary>The epoch that ends with it.</summary>
    public required int Epoch { get; init; }

    /// <summary>Who stops.</summary>
    public required StopCause Cause { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>What must hold first.</summary>
    public required RestoreTerms Terms { get; init; }

    /// <summary>How long it is tried.</summary>
    public required TimeSpan Within { get; init; }
}

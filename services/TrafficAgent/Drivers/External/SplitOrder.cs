using System.Text.Json;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.External;

/// <summary>What <c>set</c> carries: the JSON that an exec program reads and a webhook is sent.</summary>
internal sealed record SplitOrder
{
    /// <summary>The upgrade that orders it.</summary>
    public required Guid Upgrade { get; init; }

    /// <summary>Epoch of the order; a restore has a higher one than every shift before it.</summary>
    public required int Epoch { get; init; }

    /// <summary>Number of the traffic step within the epoch.</summary>
    public required int Step { get; init; }

    /// <summary>Percent for each side; they add up to 100.</summary>
    public required SideWeights Weights { get; init; }

    /// <summary>Whether it is the way back to X, which only a later epoch of the same upgrade may refuse.</summary>
    public required bool Restore { get; init; }

    /// <summary>To be kept beside the weights and reported by <c>get</c>, so that weights changed by hand are noticed.</summary>
    public required uint Seal { get; init; }

    /// <summary>The order to put <paramref name="record"/> in force.</summary>
    public static SplitOrder Of(TrafficRecord record, bool restore) => new()
    {
        Upgrade = record.UpgradeId,
        Epoch = record.Epoch,
        Step = record.Step,
        Weights = new SideWeights(record.Split.WeightX, record.Split.WeightY),
        Restore = restore,
        Seal = record.Seal,
    };

    /// <summary>As one line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}

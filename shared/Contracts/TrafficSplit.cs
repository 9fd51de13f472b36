namespace KongUpgradeMesh.Contracts;

/// <summary>How client traffic is divided between the two clusters; cannot hold weights that do not sum to 100.</summary>
public sealed record TrafficSplit
{
    /// <summary>All traffic on cluster X.</summary>
    public static TrafficSplit AllOnX { get; } = new() { WeightY = 0 };

    /// <summary>Percent of sticky keys that go to cluster Y, 0 to 100.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside 0 to 100.</exception>
    public required int WeightY
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 100);
            field = value;
        }
    }

    /// <summary>Percent of sticky keys that stay on cluster X.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int WeightX => 100 - WeightY;
}

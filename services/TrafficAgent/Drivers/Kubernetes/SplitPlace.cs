namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;

/// <summary>One place of an object that divides traffic between cluster X and cluster Y, for example one rule of a route.</summary>
internal sealed record SplitPlace
{
    /// <summary>What an operator calls it.</summary>
    public required string Name { get; init; }

    /// <summary>What makes it the place it is (names of backends): a write tests that it still stands there.</summary>
    public required IReadOnlyList<PointedValue> Identity { get; init; }

    /// <summary>The weights that stand there.</summary>
    public required IReadOnlyList<PointedValue> Present { get; init; }

    /// <summary>Share of Y, 0 to 1; null when what stands there is no share.</summary>
    public required double? ShareY { get; init; }

    /// <summary>The weights for a share of Y in percent.</summary>
    public required Func<int, IReadOnlyList<PointedValue>> Weights { get; init; }

    /// <summary>Weights of backends that belong to neither cluster, as zero; a shift refuses to work beside them, a restore takes their traffic too.</summary>
    public IReadOnlyList<PointedValue> Strangers { get; init; } = [];

    /// <summary>Whether a backend of neither cluster has a part.</summary>
    public bool HasStrangers => !Strangers.All(IsPresent);

    /// <summary>Whether exactly what would be written for this share stands there.</summary>
    public bool Holds(int weightY) => Weights(weightY).Concat(Strangers).All(IsPresent);

    private bool IsPresent(PointedValue wanted) => Present.Any(p => p.Pointer == wanted.Pointer && p.Value.ToJsonString() == wanted.Value.ToJsonString());
}

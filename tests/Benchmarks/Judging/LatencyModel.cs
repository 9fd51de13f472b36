namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>How long a request takes, milliseconds.</summary>
/// <param name="Kong">What Kong adds.</param>
/// <param name="Upstream">What the upstream service takes.</param>
internal sealed record LatencyModel(Func<Chance, double> Kong, Func<Chance, double> Upstream)
{
    /// <summary>Exponential: 10 and 40 on average.</summary>
    public static LatencyModel Exponential { get; } = new(static c => c.Exponential(10), static c => c.Exponential(40));

    /// <summary>Log-normal with sigma 1: 10 and 40 on average.</summary>
    public static LatencyModel LogNormal { get; } = new(static c => c.LogNormal(10, 1), static c => c.LogNormal(40, 1));

    /// <summary>Log-normal with sigma 1 where Kong itself takes the most: 50 and 10 on average.</summary>
    public static LatencyModel SlowGateway { get; } = new(static c => c.LogNormal(50, 1), static c => c.LogNormal(10, 1));

    /// <summary>Pareto of shape 1.5, whose variance is infinite: 10 and 40 on average.</summary>
    public static LatencyModel Pareto { get; } = new(static c => c.Pareto(10, 1.5), static c => c.Pareto(40, 1.5));
}

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Which rises of a rate are betted on, and how the stake is divided among them: evidence of a rise grows fastest where the stake lies near it.</summary>
/// <remarks>Any division keeps <see cref="RiseEvidence"/> valid. A rise that lies between two of them costs a few percent of the time, so a handful suffices.</remarks>
public sealed class RiseStakes
{
    private const double Everything = 1 + 1e-9;

    private RiseStakes(params (double Rise, double Stake)[] stakes)
    {
        if (stakes.Sum(static s => s.Stake) > Everything)
        {
            throw new ArgumentException("the stakes add up to more than 1", nameof(stakes));
        }

        (Rises, LogStakes) = ([.. stakes.Select(static s => s.Rise)], [.. stakes.Select(static s => Math.Log(s.Stake))]);
    }

    /// <summary>For bad answers: one or two points are what is hard to see and matters; larger rises are found in seconds with little at stake.</summary>
    public static RiseStakes Answers { get; } = new((0.01, 0.2), (0.02, 0.55), (0.07, 0.12), (0.3, 0.08), (0.95, 0.05));

    /// <summary>For requests slower than a bound: latency that is higher by a fifth moves six or seven of a hundred over the bounds in its middle, a slow tail two or three.</summary>
    public static RiseStakes Slowness { get; } = new((0.02, 0.2), (0.06, 0.35), (0.15, 0.2), (0.4, 0.15), (0.95, 0.1));

    /// <summary>The rises, as shares of requests.</summary>
    public IReadOnlyList<double> Rises { get; }

    /// <summary>Natural logarithms of their stakes, which add up to at most 1.</summary>
    public IReadOnlyList<double> LogStakes { get; }
}

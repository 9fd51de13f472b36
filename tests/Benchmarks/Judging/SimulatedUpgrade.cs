using KongUpgradeMesh.MonitorAgent.Sources;

namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>An upgrade in which the rates of errors matter.</summary>
internal sealed class SimulatedUpgrade : JudgedUpgrade
{
    private readonly Chance _chance;
    private readonly WindowThreshold _threshold = new();
    private readonly MannWhitney _mannWhitney = new();

    public SimulatedUpgrade(int seed, double requestsPerSecond, double errors)
        : base(requestsPerSecond)
    {
        _chance = new Chance(seed);
        (X, Y) = (new CountedCluster("2.8.5", _chance), new CountedCluster("3.4.2", _chance));
        foreach (var side in new[] { X, Y })
        {
            // Every rate that is judged has the same base: 5xx, 401, 404, and requests without a route.
            (side.Errors, side.ClientErrors, side.Lost) = (errors, errors, errors);
        }

        RunStep(0, BaselineSeconds);
    }

    public CountedCluster X { get; }

    public CountedCluster Y { get; }

    /// <summary>Errors that come together in each second, for both sides by their share of the traffic; null for none.</summary>
    public Func<Chance, int>? Bursts { get; init; }

    /// <summary>Called before each second of a step.</summary>
    public Action<int>? EachSecond { get; init; }

    protected override void Divide(double x, double y) => (X.Rate, Y.Rate) = (x, y);

    protected override (NodeReading X, NodeReading Y) Read() => (X.Read(), Y.Read());

    protected override (NodeReading X, NodeReading Y) Pass(int second, int weightY)
    {
        EachSecond?.Invoke(second);
        var burst = Bursts?.Invoke(_chance) ?? 0;
        var onY = weightY > 0 ? _chance.Binomial(burst > 0 ? 1 : 0, weightY / 100.0) * burst : 0;
        return (X.Pass(burst - onY), Y.Pass(onY));
    }

    protected override (bool Threshold, bool MannWhitney) AskOthers() => (_threshold.HasFailed(X.Last, Y.Last), _mannWhitney.HasFailed(X.Last, Y.Last));
}

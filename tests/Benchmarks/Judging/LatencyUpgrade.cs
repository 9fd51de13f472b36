using KongUpgradeMesh.MonitorAgent.Sources;

namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>An upgrade in which latency matters.</summary>
internal sealed class LatencyUpgrade : JudgedUpgrade
{
    private const int WindowSeconds = 60;
    private const double ThresholdRatio = 1.1;
    private readonly MannWhitney _mannWhitney = new();
    private readonly Action<LatencyUpgrade, int> _eachSecond;
    private readonly double _threshold;
    private double _sum;

    public LatencyUpgrade(int seed, double requestsPerSecond, LatencyModel model, Action<LatencyUpgrade, int>? eachSecond = null)
        : base(requestsPerSecond)
    {
        (Chance, _eachSecond) = (new Chance(seed), eachSecond ?? (static (_, _) => { }));
        (X, Y) = (new TimedCluster("2.8.5", Chance, model), new TimedCluster("3.4.2", Chance, model));
        RunStep(0, BaselineSeconds);
        (_threshold, _sum) = (_sum / BaselineSeconds * ThresholdRatio, 0);
    }

    public Chance Chance { get; }

    public TimedCluster X { get; }

    public TimedCluster Y { get; }

    protected override void Divide(double x, double y) => (X.Rate, Y.Rate) = (x, y);

    protected override (NodeReading X, NodeReading Y) Read() => (X.Read(), Y.Read());

    protected override (NodeReading X, NodeReading Y) Pass(int second, int weightY)
    {
        _eachSecond(this, second);
        var seconds = (X.Pass(), Y.Pass());
        _sum += weightY == 0 ? X.Last : Y.Last;
        return seconds;
    }

    // Without X there is nothing to rank against.
    protected override (bool Threshold, bool MannWhitney) AskOthers() => (IsAbove(), X.Rate > 0 && _mannWhitney.HasFailed(X.Last, Y.Last));

    // What most tools do: once a minute, is the mean of the last minute on Y more than a tenth above what X had before?
    private bool IsAbove()
    {
        if (Seconds % WindowSeconds != 0)
        {
            return false;
        }

        var isAbove = _sum / WindowSeconds > _threshold;
        _sum = 0;
        return isAbove;
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>One seeded upgrade of two simulated clusters, of which the latency matters: the whole judge of the product beside the two usual ways on the same seconds.</summary>
internal sealed class LatencyUpgrade
{
    private const int BaselineSeconds = 60;
    private const int WindowSeconds = 60;
    private const double ThresholdRatio = 1.1;
    private readonly double _rate;
    private readonly MannWhitney _ranks = new();
    private readonly Action<LatencyUpgrade, int> _eachSecond;
    private Reference? _reference;
    private double _threshold;
    private double _sum;
    private int _seconds;

    public LatencyUpgrade(int seed, double requestsPerSecond, LatencyModel model, Action<LatencyUpgrade, int>? eachSecond = null)
    {
        (Chance, _rate, _eachSecond) = (new Chance(seed), requestsPerSecond, eachSecond ?? (static (_, _) => { }));
        (X, Y) = (new TimedCluster("2.8.5", Chance, model), new TimedCluster("3.4.2", Chance, model));
        RunStep(0, BaselineSeconds);
        (_threshold, _sum) = (_sum / BaselineSeconds * ThresholdRatio, 0);
    }

    public Chance Chance { get; }

    public TimedCluster X { get; }

    public TimedCluster Y { get; }

    /// <summary>Second of the first alarm of each judge, since traffic moved; null for none.</summary>
    public (int? Product, int? Threshold, int? Ranks) Alarms { get; private set; }

    /// <summary>Why the product failed Y; empty when it did not.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Whether the last step ended in passed.</summary>
    public bool Passed { get; private set; }

    /// <summary>Runs one step.</summary>
    public void RunStep(int weightY, int seconds)
    {
        (X.Rate, Y.Rate) = (_rate * (100 - weightY) / 100, _rate * weightY / 100);
        var watch = new TrafficWatch(Specs.Watch(weightY, weightY == 0 ? WatchPurpose.Baseline : WatchPurpose.Step), _reference);
        for (var second = 1; second <= seconds; second++)
        {
            _eachSecond(this, second);
            var at = TimeSpan.FromSeconds(second);
            watch.Record(ClusterSide.X, X.Pass(), at);
            watch.Record(ClusterSide.Y, Y.Pass(), at);
            var judgement = watch.Judge(at);
            if (weightY == 0)
            {
                _sum += X.Last;
            }
            else
            {
                Note(judgement, weightY);
            }
        }

        Passed = watch.Judgement?.Verdict == Verdict.Passed;
        _reference = watch.Remember() ?? _reference;
    }

    private void Note(Judgement judgement, int weightY)
    {
        _seconds++;
        var (product, threshold, ranks) = Alarms;
        if (judgement.Verdict == Verdict.Failed && product is null)
        {
            product = _seconds;
            Reason = $"{judgement.Findings[0].Indicator} at {weightY} %";
        }

        // Without X there is nothing to rank against.
        var outranked = X.Rate > 0 && _ranks.HasFailed(X.Last, Y.Last);
        Alarms = (product, threshold ?? (IsAbove() ? _seconds : null), ranks ?? (outranked ? _seconds : null));
    }

    // What most tools do: once a minute, is the mean of the last minute on Y more than a tenth above what X had before?
    private bool IsAbove()
    {
        _sum += Y.Last;
        if (_seconds % WindowSeconds != 0)
        {
            return false;
        }

        var isAbove = _sum / WindowSeconds > _threshold;
        _sum = 0;
        return isAbove;
    }
}

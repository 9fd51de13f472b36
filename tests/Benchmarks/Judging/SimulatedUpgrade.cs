using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>One seeded upgrade of two simulated clusters: the whole judge of the product beside the two usual ways on the same requests.</summary>
internal sealed class SimulatedUpgrade
{
    private const int BaselineSeconds = 60;
    private readonly Chance _chance;
    private readonly double _rate;
    private Reference? _reference;

    public SimulatedUpgrade(int seed, double requestsPerSecond, double errors)
    {
        (_chance, _rate) = (new Chance(seed), requestsPerSecond);
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

    /// <summary>Second of the first alarm of each judge, since traffic moved; null for none.</summary>
    public (int? Product, int? Threshold, int? MannWhitney) Alarms { get; private set; }

    /// <summary>Why the product failed Y; empty when it did not.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Whether the last step ended in passed.</summary>
    public bool Passed { get; private set; }

    private int Seconds { get; set; }

    private readonly WindowThreshold _threshold = new();
    private readonly MannWhitney _mannWhitney = new();

    /// <summary>Runs one step, or as much of it as the product lets pass.</summary>
    public void RunStep(int weightY, int seconds)
    {
        (X.Rate, Y.Rate) = (_rate * (100 - weightY) / 100, _rate * weightY / 100);
        var watch = new TrafficWatch(Specs.Watch(weightY, weightY == 0 ? WatchPurpose.Baseline : WatchPurpose.Step), _reference);
        for (var second = 1; second <= seconds; second++)
        {
            EachSecond?.Invoke(second);
            var at = TimeSpan.FromSeconds(second);
            var burst = Bursts?.Invoke(_chance) ?? 0;
            var onY = weightY > 0 ? _chance.Binomial(burst > 0 ? 1 : 0, weightY / 100.0) * burst : 0;
            watch.Record(ClusterSide.X, X.Pass(burst - onY), at);
            watch.Record(ClusterSide.Y, Y.Pass(onY), at);
            var judgement = watch.Judge(at);
            if (weightY > 0)
            {
                Note(judgement, weightY);
            }
        }

        Passed = watch.Judgement?.Verdict == Verdict.Passed;
        _reference = watch.Remember() ?? _reference;
    }

    private void Note(Judgement judgement, int weightY)
    {
        Seconds++;
        var (product, threshold, mannWhitney) = Alarms;
        if (judgement.Verdict == Verdict.Failed && product is null)
        {
            product = Seconds;
            Reason = $"{judgement.Findings[0].Indicator} at {weightY} %";
        }

        Alarms = (product, First(threshold, _threshold), First(mannWhitney, _mannWhitney));
    }

    private int? First(int? before, IJudge judge)
    {
        var failed = judge.HasFailed(X.Last, Y.Last);
        return before ?? (failed ? Seconds : null);
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

/// <summary>Two simulated clusters and a watch over them, second by second.</summary>
public sealed class SimulatedWatch
{
    private readonly TrafficWatch _watch;
    private readonly double _total;
    private int _seconds;

    public SimulatedWatch(int weightY, int seed, double requestsPerSecond = 100, Reference? reference = null, WatchPurpose? purpose = null, MonitorSpec? monitor = null, int? rampFrom = null)
    {
        X = new SimulatedCluster("2.8.5", seed);
        Y = new SimulatedCluster("3.4.2", seed + 100_000);
        _total = requestsPerSecond;
        Weight(weightY);
        var command = Specs.Watch(weightY, purpose ?? (weightY == 0 ? WatchPurpose.Baseline : WatchPurpose.Step), monitor);
        _watch = new TrafficWatch(command with { RampFrom = rampFrom is { } from ? new TrafficSplit { WeightY = from } : null }, reference);
    }

    public SimulatedCluster X { get; }

    public SimulatedCluster Y { get; }

    public Reference? Remembered => _watch.Remember();

    public bool Established => _watch.Established;

    public Judgement Last { get; private set; } = new(Verdict.Inconclusive, [], TimeSpan.Zero);

    public void Weight(int weightY) => (X.Rate, Y.Rate) = (_total * (100 - weightY) / 100, _total * weightY / 100);

    /// <summary>Runs for so many seconds.</summary>
    public Judgement Run(int seconds, Action<int>? eachSecond = null)
    {
        if (_seconds == 0)
        {
            // As the agent does: it reads when the watch begins, too.
            _watch.Record(ClusterSide.X, X.Pass(0), TimeSpan.Zero);
            _watch.Record(ClusterSide.Y, Y.Pass(0), TimeSpan.Zero);
        }

        for (var i = 0; i < seconds; i++)
        {
            eachSecond?.Invoke(_seconds);
            _seconds++;
            var at = TimeSpan.FromSeconds(_seconds);
            _watch.Record(ClusterSide.X, X.Pass(1), at);
            _watch.Record(ClusterSide.Y, Y.Pass(1), at);
            Last = _watch.Judge(at);
        }

        return Last;
    }

    /// <summary>Seconds until the verdict fails; the limit plus one when it does not.</summary>
    public int SecondsToFail(int limit)
    {
        for (var second = 1; second <= limit; second++)
        {
            if (Run(1).Verdict == Verdict.Failed)
            {
                return second;
            }
        }

        return limit + 1;
    }

    public VerdictFinding Finding(string indicator) => Last.Findings.First(f => f.Indicator == indicator);
}

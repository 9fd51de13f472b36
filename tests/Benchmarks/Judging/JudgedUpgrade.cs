using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>One seeded upgrade of two simulated clusters: the whole judge of the product beside the two usual ways on the same seconds.</summary>
/// <param name="rate">Requests a second of both clusters together.</param>
internal abstract class JudgedUpgrade(double rate)
{
    /// <summary>Seconds before any traffic moves, in which X is learnt.</summary>
    protected const int BaselineSeconds = 60;

    private Reference? _reference;

    /// <summary>Second of the first alarm of each judge, since traffic moved; null for none.</summary>
    public (int? Product, int? Threshold, int? MannWhitney) Alarms { get; private set; }

    /// <summary>Why the product failed Y; empty when it did not.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>Whether the last step passed at any moment at which the coordinator would have gone on: after the dwell, before it gives up to decide.</summary>
    public bool Passed { get; private set; }

    /// <summary>Whether the last second of the last step was passed.</summary>
    public bool PassedAtEnd { get; private set; }

    /// <summary>Seconds since traffic moved.</summary>
    protected int Seconds { get; private set; }

    /// <summary>Runs one step, or as much of it as the product lets pass.</summary>
    public void RunStep(int weightY, int seconds)
    {
        Divide(rate * (100 - weightY) / 100, rate * weightY / 100);
        var command = Specs.Watch(weightY, weightY == 0 ? WatchPurpose.Baseline : WatchPurpose.Step);
        var (watch, traffic) = (new TrafficWatch(command, _reference), command.Spec.Traffic);
        Passed = false;

        // As the monitor agent does: it reads when the watch begins, and then once a second.
        var (beginX, beginY) = Read();
        watch.Record(ClusterSide.X, beginX, TimeSpan.Zero);
        watch.Record(ClusterSide.Y, beginY, TimeSpan.Zero);
        for (var second = 1; second <= seconds; second++)
        {
            var at = TimeSpan.FromSeconds(second);
            var (x, y) = Pass(second, weightY);
            watch.Record(ClusterSide.X, x, at);
            watch.Record(ClusterSide.Y, y, at);
            var judgement = watch.Judge(at);
            Passed |= judgement.Verdict == Verdict.Passed && at >= traffic.Dwell && at <= traffic.Dwell + traffic.DecideWithin;
            if (weightY > 0)
            {
                Note(judgement, weightY);
            }
        }

        PassedAtEnd = watch.Judgement?.Verdict == Verdict.Passed;
        _reference = watch.Remember() ?? _reference;
    }

    /// <summary>Takes the requests a second of each side for the step that begins.</summary>
    protected abstract void Divide(double x, double y);

    /// <summary>Reads both sides as they are.</summary>
    protected abstract (NodeReading X, NodeReading Y) Read();

    /// <summary>Lets a second of a step pass on both sides.</summary>
    protected abstract (NodeReading X, NodeReading Y) Pass(int second, int weightY);

    /// <summary>Asks the two usual ways about the second that has just passed.</summary>
    protected abstract (bool Threshold, bool MannWhitney) AskOthers();

    private void Note(Judgement judgement, int weightY)
    {
        Seconds++;
        var (product, threshold, mannWhitney) = Alarms;
        if (judgement.Verdict == Verdict.Failed && product is null)
        {
            product = Seconds;
            Reason = $"{judgement.Findings[0].Indicator} at {weightY} %";
        }

        var others = AskOthers();
        Alarms = (product, threshold ?? (others.Threshold ? Seconds : null), mannWhitney ?? (others.MannWhitney ? Seconds : null));
    }
}

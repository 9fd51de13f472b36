using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sequential;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

public sealed class BalancerFindings
{
    private static readonly MonitorSpec Monitor = new() { Sources = [new MetricSourceSpec { Kind = "haproxy", Settings = new Dictionary<string, string>() }] };

    private BalancerTally _x = BalancerTally.None;
    private BalancerTally _y = BalancerTally.None;

    [Theory]
    [InlineData(0, 0, 0, Verdict.Passed, "")]
    [InlineData(2, 0, 0, Verdict.Failed, "5xx on Y")]
    [InlineData(0, 4, 0, Verdict.Failed, "4xx on Y")]
    [InlineData(0, 0, 2, Verdict.Failed, "attempts without an answer on Y")]
    public void Y_alone_is_blamed_for_what_is_worse_on_y(int serverErrors, int clientErrors, int retries, Verdict expected, string said)
    {
        var judgement = Run(25, 60, _ => Count(new(80, 0, 1, 0, 0, 0, 0), new(20, serverErrors, clientErrors, 0, 0, retries, 0)));
        var finding = judgement.Findings.First(static f => f.Indicator == "balancer-errors");
        Assert.Equal(expected, finding.Verdict);
        Assert.Contains(said, finding.Message, StringComparison.Ordinal);
        Assert.True(finding is { SamplesX: > 0, SamplesY: > 0, Low: not null, High: not null });
    }

    [Fact]
    public void What_happens_to_both_sides_blames_nobody() =>
        Assert.NotEqual(Verdict.Failed, Run(25, 60, _ => Count(new(80, 8, 8, 0, 0, 8, 0), new(20, 2, 2, 0, 0, 2, 0))).Verdict);

    [Fact]
    public void A_window_that_luck_explains_holds_no_healthy_step()
    {
        var (held, looks) = (0, 0);
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            BalancerTally Served(int answers) => new(answers, Enumerable.Range(0, answers).Count(_ => random.NextDouble() < 0.05), 0, 0, 0, 0, 0);
            Run(25, 240, _ => Count(Served(30), Served(10)), each: (second, judgement) =>
            {
                looks += second > 60 ? 1 : 0;
                held += second > 60 && Worst(judgement) != Verdict.Passed ? 1 : 0;
            });
        }

        Assert.InRange((double)held / looks, 0, 0.15);
    }

    [Fact]
    public void Counters_that_begin_anew_are_no_evidence()
    {
        var judgement = Run(25, 60, second =>
        {
            if (second == 30)
            {
                (_x, _y) = (BalancerTally.None, BalancerTally.None);
            }

            return Count(new(80, 1, 0, 0, 0, 0, 0), new(20, 0, 0, 0, 0, 0, 0));
        });
        Assert.Equal(Verdict.Passed, Worst(judgement));
    }

    [Theory]
    [InlineData(3, Verdict.Inconclusive)]
    [InlineData(60, Verdict.Errored)]
    public void One_that_is_never_read_is_never_passed(int seconds, Verdict expected) =>
        Assert.Equal(expected, Worst(Run(25, seconds, _ => BalancerReading.Failed("ConnectionRefused"))));

    [Fact]
    public void One_that_cannot_be_read_holds_the_baseline_too() =>
        Assert.Equal(Verdict.Errored, Worst(Run(0, 20, second => second < 10 ? Count(new(80, 0, 0, 0, 0, 0, 0), BalancerTally.None) : BalancerReading.Failed("ConnectionRefused"))));

    [Theory]
    [InlineData(0, WatchPurpose.Baseline, false)]
    [InlineData(25, WatchPurpose.Step, false)]
    [InlineData(100, WatchPurpose.After, true)]
    public void No_traffic_moves_before_it_has_been_read(int weightY, WatchPurpose purpose, bool expected)
    {
        var established = (Unread: false, Read: false);
        Run(weightY, 20, _ => BalancerReading.Failed("ConnectionRefused"), watch => established.Unread = watch.Established, purpose: purpose);
        Run(weightY, 20, _ => Count(new(80, 0, 0, 0, 0, 0, 0), new(20, 0, 0, 0, 0, 0, 0)), watch => established.Read = watch.Established, purpose: purpose);
        Assert.Equal((expected, true), established);
    }

    [Fact]
    public void No_traffic_moves_before_each_of_a_pair_has_been_read()
    {
        var watch = new TrafficWatch(Specs.Watch(25, monitor: Monitor with { Sources = [.. Monitor.Sources, .. Monitor.Sources] }), null);
        var (x, y) = (new SimulatedCluster("2.8.5", 1) { Rate = 75 }, new SimulatedCluster("3.4.2", 2) { Rate = 25 });
        var established = new List<bool>();
        for (var second = 1; second <= 2; second++)
        {
            var at = TimeSpan.FromSeconds(second);
            watch.Record(ClusterSide.X, x.Pass(1), at);
            watch.Record(ClusterSide.Y, y.Pass(1), at);
            watch.Record(0, new BalancerReading(BalancerTally.None, BalancerTally.None), at);
            watch.Record(1, second == 1 ? BalancerReading.Failed("ConnectionRefused") : new BalancerReading(BalancerTally.None, BalancerTally.None), at);
            watch.Judge(at);
            established.Add(watch.Established);
        }

        Assert.Equal([false, true], established);
    }

    [Fact]
    public void One_that_stands_still_while_kong_counts_is_not_believed() =>
        Assert.Equal(Verdict.Errored, Worst(Run(25, 30, _ => Count(BalancerTally.None, BalancerTally.None))));

    [Fact]
    public void Without_traffic_on_x_y_is_measured_by_what_was_seen_of_x_before()
    {
        Reference? remembered = null;
        Run(25, 60, _ => Count(new(80, 0, 0, 0, 0, 0, 0), new(20, 0, 0, 0, 0, 0, 0)), watch => remembered = watch.Remember());
        Assert.Equal(80 * 59, remembered!.Balancer!.Answers);
        Assert.Equal(Verdict.Passed, Worst(Run(100, 60, _ => Count(BalancerTally.None, new(100, 0, 0, 0, 0, 0, 0)), reference: remembered)));
        Assert.Equal(Verdict.Failed, Worst(Run(100, 60, _ => Count(BalancerTally.None, new(100, 5, 0, 0, 0, 0, 0)), reference: remembered)));
    }

    [Fact]
    public void Its_part_of_the_chance_of_a_false_alarm_is_divided_whole_and_taken_from_the_5xx()
    {
        Assert.Equal(1, BalancerKind.All.Sum(static k => k.Part), 9);
        Assert.InRange(AlphaBudget.BalancerErrors, 0.01, AlphaBudget.ServerErrors - 0.01);
    }

    [Fact]
    public void A_healthy_y_is_hardly_ever_failed()
    {
        var failed = 0;
        for (var seed = 0; seed < 200; seed++)
        {
            var (random, evidence) = (new Random(seed), BalancerKind.All.Select(static k => new BalancerEvidence(k, 0.01, null)).ToArray());
            for (var second = 0; second < 300 && !Array.Exists(evidence, static e => e.Suffices); second++)
            {
                var seen = new BalancerMoment(Drawn(random, 80), Drawn(random, 20), TimeSpan.Zero, null);
                Array.ForEach(evidence, e => e.Add(seen, TimeSpan.FromSeconds(1), bothServe: true));
            }

            failed += Array.Exists(evidence, static e => e.Suffices) ? 1 : 0;
        }

        // 2 are expected at most; 9 and more would be chance once in four thousand times.
        Assert.InRange(failed, 0, 8);
    }

    private static BalancerTally Drawn(Random random, int answers)
    {
        double Hits(double rate) => Enumerable.Range(0, answers).Count(_ => random.NextDouble() < rate);
        return new BalancerTally(answers, Hits(0.01), Hits(0.03), 0, 0, Hits(0.005), 0);
    }

    private static Verdict Worst(Judgement judgement) => judgement.Findings.First(static f => f.Indicator == "balancer-errors").Verdict;

    private BalancerReading Count(BalancerTally x, BalancerTally y) => new(_x = _x.Plus(x), _y = _y.Plus(y));

    private Judgement Run(int weightY, int seconds, Func<int, BalancerReading> read, Action<TrafficWatch>? atEnd = null, Reference? reference = null, WatchPurpose? purpose = null, Action<int, Judgement>? each = null)
    {
        (_x, _y) = (BalancerTally.None, BalancerTally.None);
        var watch = new TrafficWatch(Specs.Watch(weightY, purpose ?? (weightY == 0 ? WatchPurpose.Baseline : WatchPurpose.Step), Monitor), reference);
        // Before the first shift Y has the requests of the proof that it counts.
        var (x, y) = (new SimulatedCluster("2.8.5", 1) { Rate = 100 - weightY }, new SimulatedCluster("3.4.2", 2) { Rate = Math.Max(1, weightY) });
        Judgement? judgement = null;
        for (var second = 1; second <= seconds; second++)
        {
            var at = TimeSpan.FromSeconds(second);
            watch.Record(ClusterSide.X, x.Pass(1), at);
            watch.Record(ClusterSide.Y, y.Pass(1), at);
            watch.Record(0, read(second), at);
            judgement = watch.Judge(at);
            each?.Invoke(second, judgement);
        }

        atEnd?.Invoke(watch);
        return judgement!;
    }
}

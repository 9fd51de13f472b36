using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

public sealed class Judging
{
    [Fact]
    public void Nothing_seen_is_never_passed()
    {
        var watch = new SimulatedWatch(50, 1) { X = { Readable = false }, Y = { Readable = false } };
        for (var second = 0; second < 30; second++)
        {
            Assert.NotEqual(Verdict.Passed, watch.Run(1).Verdict);
        }

        Assert.Equal(Verdict.Errored, watch.Last.Verdict);
        Assert.False(watch.Established);
    }

    [Fact]
    public void No_requests_on_y_is_never_passed()
    {
        var watch = new SimulatedWatch(10, 2);
        watch.Run(1);
        watch.Y.Rate = 0;
        watch.Run(60);
        Assert.Equal(Verdict.Errored, watch.Last.Verdict);
        Assert.Equal("visibility", watch.Last.Findings[0].Indicator);
    }

    [Fact]
    public void No_requests_on_x_is_never_passed()
    {
        var watch = new SimulatedWatch(50, 3);
        watch.Run(1);
        watch.X.Rate = 0;
        watch.Run(60);
        Assert.Equal(Verdict.Errored, watch.Last.Verdict);
    }

    [Fact]
    public void Fewer_requests_than_asked_for_is_inconclusive()
    {
        var watch = new SimulatedWatch(1, 4);
        Assert.Equal(Verdict.Inconclusive, watch.Run(20).Verdict);
        Assert.Equal(Verdict.Inconclusive, watch.Finding("sample-size").Verdict);
    }

    [Fact]
    public void All_traffic_on_y_without_a_memory_of_x_is_inconclusive()
    {
        Assert.Equal(Verdict.Inconclusive, new SimulatedWatch(100, 5).Run(60).Verdict);
    }

    [Fact]
    public void All_traffic_on_y_passes_against_what_is_remembered_of_x()
    {
        var baseline = new SimulatedWatch(0, 6);
        baseline.Run(15);
        Assert.Equal(Verdict.Passed, new SimulatedWatch(100, 7, reference: baseline.Remembered, purpose: WatchPurpose.Soak).Run(30).Verdict);
    }

    [Fact]
    public void A_rare_route_that_was_hardly_seen_on_x_does_not_keep_a_healthy_y_undecided()
    {
        // Three percent of the clients call what always answers 401; so little of X is remembered that it may have been none of them.
        const int runs = 60;
        var undecided = Enumerable.Range(0, runs).Count(static seed => RunAgainstLittleMemory(seed, 401, 0.03, 0.03) != Verdict.Passed);
        Assert.InRange(undecided, 0, runs / 10);
    }

    [Theory]
    [InlineData(401, 0.5)]
    [InlineData(500, 0.04)]
    public void Little_memory_of_x_excuses_neither_a_large_rise_nor_errors_of_the_server(int code, double share)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            Assert.NotEqual(Verdict.Passed, RunAgainstLittleMemory(seed, code, 0, share));
        }
    }

    private static Verdict RunAgainstLittleMemory(int seed, int code, double onX, double onY)
    {
        var monitor = new MonitorSpec { MinimumSamples = 5 };
        var baseline = new SimulatedWatch(0, seed, requestsPerSecond: 6, monitor: monitor) { X = { Codes = { [code] = onX } } };
        baseline.Run(7);
        return new SimulatedWatch(100, seed + 500, requestsPerSecond: 6, reference: baseline.Remembered, monitor: monitor) { Y = { Codes = { [code] = onY } } }.Run(300).Verdict;
    }

    [Fact]
    public void After_the_end_x_may_be_gone()
    {
        var baseline = new SimulatedWatch(0, 6);
        baseline.Run(15);
        var watch = new SimulatedWatch(100, 8, reference: baseline.Remembered, purpose: WatchPurpose.After) { X = { Readable = false } };
        Assert.Equal(Verdict.Passed, watch.Run(30).Verdict);
        Assert.True(watch.Established);
    }

    [Theory]
    [InlineData(MetricFamilies.Requests)]
    [InlineData(MetricFamilies.RequestLatency)]
    [InlineData(MetricFamilies.NginxRequests)]
    public void Metrics_that_vanish_are_errored_on_either_side(MetricFamilies family)
    {
        foreach (var ofX in new[] { true, false })
        {
            var watch = new SimulatedWatch(50, 9);
            watch.Run(30);
            (ofX ? watch.X : watch.Y).Hidden = family;
            Assert.Equal(Verdict.Errored, watch.Run(5).Verdict);
            watch.X.Hidden = watch.Y.Hidden = MetricFamilies.None;
            Assert.NotEqual(Verdict.Failed, watch.Run(20).Verdict);
        }
    }

    [Fact]
    public void A_database_away_on_y_is_a_hard_stop()
    {
        var watch = new SimulatedWatch(10, 10);
        watch.Run(20);
        watch.Y.Database = false;
        Assert.Equal(3, watch.SecondsToFail(10) + 1);
        Assert.Equal("datastore", watch.Last.Findings[0].Indicator);
    }

    [Fact]
    public void A_database_away_on_x_forbids_to_pass_but_is_not_y_s_fault()
    {
        var watch = new SimulatedWatch(10, 11);
        watch.Run(20);
        watch.X.Database = false;
        Assert.Equal(Verdict.Errored, watch.Run(10).Verdict);
    }

    [Fact]
    public void No_ready_node_on_y_is_a_hard_stop_within_five_seconds()
    {
        var watch = new SimulatedWatch(10, 12);
        watch.Run(20);
        watch.Y.Ready = false;
        Assert.InRange(watch.SecondsToFail(10), 1, 5);
        Assert.True(watch.Last.BreachFor >= TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void Nobody_answering_at_all_is_blindness_and_not_y_s_fault()
    {
        var watch = new SimulatedWatch(10, 13);
        watch.Run(20);
        watch.X.Readable = watch.Y.Readable = false;
        Assert.Equal(Verdict.Errored, watch.Run(20).Verdict);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void A_node_that_a_prometheus_tells_nothing_of_is_not_dead(int after)
    {
        var watch = new SimulatedWatch(10, 15);
        watch.Run(after);
        (watch.Y.Readable, watch.Y.AskedItself) = (false, false);
        var verdict = watch.Run(60);
        Assert.Equal(Verdict.Errored, verdict.Verdict);
        Assert.DoesNotContain(verdict.Findings, static f => f.Verdict == Verdict.Failed);
    }

    [Fact]
    public void A_wrong_version_never_passes()
    {
        var watch = new SimulatedWatch(0, 14) { Y = { Version = "2.8.5" } };
        Assert.Equal(Verdict.Errored, watch.Run(10).Verdict);
    }

    [Fact]
    public void Lost_metric_samples_are_errored()
    {
        var watch = new SimulatedWatch(50, 15);
        watch.Run(30);
        watch.Y.MetricErrors = 3;
        Assert.Equal(Verdict.Errored, watch.Run(1).Verdict);
    }

    [Fact]
    public void A_failed_verdict_stays_when_y_recovers()
    {
        var watch = new SimulatedWatch(50, 16) { Y = { Codes = { [500] = 0.5 } } };
        Assert.InRange(watch.SecondsToFail(10), 1, 10);
        watch.Y.Codes.Clear();
        Assert.Equal(Verdict.Failed, watch.Run(60).Verdict);
    }

    [Fact]
    public void More_errors_are_never_judged_better()
    {
        var wasWorse = false;
        for (var errors = 0; errors <= 200; errors++)
        {
            var comparison = RateComparison.Of(0.01, 900, errors, 200, 0.02);
            Assert.True(comparison.IsWorse || !wasWorse, $"{errors} errors are judged better than {errors - 1}");
            wasWorse = comparison.IsWorse;
        }

        Assert.True(wasWorse);
    }

    [Theory]
    [InlineData(10, 10, 0.5, 0.0009765625)]
    [InlineData(1, 20, 0.05, 0.6415140775914581)]
    [InlineData(6, 6, 0.1, 1e-6)]
    [InlineData(0, 10, 0.1, 1)]
    [InlineData(11, 10, 0.9, 0)]
    public void The_tail_of_the_binomial_distribution_is_exact(long atLeast, long trials, double p, double expected)
    {
        var actual = BinomialTail.AtLeast(atLeast, trials, p);
        Assert.True(atLeast <= trials * p ? actual == 1 : Math.Abs(actual - expected) <= expected * 1e-6, $"{actual}");
    }

    [Fact]
    public void A_restart_between_two_samples_counts_what_came_after_it()
    {
        var before = Sample(1000, 50, 1100);
        var delta = CounterDelta.Between(before, Sample(30, 2, 34), 2);
        Assert.Equal(32, delta.Total);
        Assert.Equal(2, delta.Count(static c => c == 500));
        Assert.Equal(0, delta.Unmatched);
    }

    [Fact]
    public void Counters_of_which_only_one_began_anew_say_nothing_about_lost_routes()
    {
        Assert.Equal(0, CounterDelta.Between(Sample(1000, 0, 1100), Sample(5, 0, 1110), 2).Unmatched);
        Assert.Equal(0, CounterDelta.Between(Sample(1000, 0, 1100), Sample(1005, 0, 90), 2).Unmatched);
    }

    [Theory]
    [InlineData(999_990, 500)]
    [InlineData(1_000_010, 490)]
    public void A_counter_that_steps_back_is_not_taken_for_a_life_of_errors(double good, double bad)
    {
        var delta = CounterDelta.Between(Sample(1_000_000, 500, 1_100_000), Sample(good, bad, 1_100_012), 2);
        Assert.Equal(0, delta.Count(static c => c == 500));
        Assert.Equal(Math.Max(0, good - 1_000_000), delta.Total);
        Assert.Equal(0, delta.Unmatched);
    }

    [Fact]
    public void A_node_whose_clock_is_set_back_adds_its_requests_but_no_negative_latency()
    {
        var (before, now) = (new RouteLatency(), new RouteLatency());
        foreach (var latency in Enumerable.Repeat(20.0, 1000))
        {
            before.Observe(LatencyKind.Request, latency);
        }

        now.Add(before);
        now.Observe(LatencyKind.Request, -5000);
        var delta = CounterDelta.Between(Timed(before), Timed(now), 0);
        Assert.Equal(new LatencyTotal(0, 1), delta.RequestLatency);
        Assert.Equal(new LatencyTotal(0, 1), delta.Latencies[new RouteKey("s", "r")].Total(LatencyKind.Request));
    }

    [Fact]
    public void Our_own_requests_are_not_taken_for_lost_routes()
    {
        var delta = CounterDelta.Between(Sample(100, 0, 120), Sample(150, 0, 172), 2);
        Assert.Equal(50, delta.Total);
        Assert.Equal(0, delta.Unmatched);
    }

    private static NodeSample Timed(RouteLatency latency) => Sample(latency.Total(LatencyKind.Request).Count, 0, 2000) with
    {
        RequestLatency = latency.Total(LatencyKind.Request),
        Latencies = new Dictionary<RouteKey, RouteLatency> { [new RouteKey("s", "r")] = latency },
    };

    private static NodeSample Sample(double good, double bad, double nginx) => new()
    {
        Families = MetricFamilies.Requests | MetricFamilies.NginxRequests,
        Requests = new Dictionary<RouteCode, double> { [new RouteCode("s", "r", 200)] = good, [new RouteCode("s", "r", 500)] = bad },
        NginxRequests = nginx,
    };
}

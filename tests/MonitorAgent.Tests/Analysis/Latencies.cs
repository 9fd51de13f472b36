using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

/// <summary>Latency, judged over whole watches.</summary>
public sealed class Latencies
{
    [Fact]
    public void A_fifth_more_of_the_mean_is_found_within_a_minute_and_the_finding_says_how_much()
    {
        var times = Enumerable.Range(0, 40).Select(static seed =>
        {
            var watch = Start(50, seed, 200);
            watch.Y.OwnLatency = 10;
            var seconds = watch.SecondsToFail(120);
            var finding = watch.Finding("latency");
            Assert.Equal(Verdict.Failed, finding.Verdict);
            Assert.InRange(finding.ValueY!.Value - finding.ValueX!.Value, finding.Low!.Value, finding.High!.Value);
            Assert.True(finding.Low > 3 && finding.SamplesX > 100 && finding.SamplesY > 100 && finding.BadFor > TimeSpan.Zero);
            return seconds;
        }).Order().ToArray();
        Assert.InRange(times[38], 1, 60);
    }

    [Fact]
    public void A_fault_that_begins_in_the_middle_of_a_step_is_found()
    {
        var watch = Start(50, 1, 200);
        watch.Run(400);
        Assert.Equal(Verdict.Passed, watch.Last.Verdict);
        watch.Y.OwnLatency = 15;
        Assert.InRange(watch.SecondsToFail(120), 1, 60);
    }

    [Fact]
    public void A_tail_that_the_mean_hardly_shows_is_found()
    {
        var watch = Start(50, 2, 200);
        watch.Y.OwnLatencyOf = static random => random.NextDouble() < 0.03 ? 400 : -5 * Math.Log(1 - random.NextDouble());
        Assert.InRange(watch.SecondsToFail(120), 1, 60);
        Assert.Equal("latency", watch.Last.Findings[0].Indicator);
    }

    [Fact]
    public void One_millisecond_more_never_fails_an_upgrade()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var watch = Start(50, seed, 200);
            watch.Y.OwnLatency += 1;
            watch.Run(600);
            Assert.Equal(Verdict.Passed, watch.Last.Verdict);
        }
    }

    [Fact]
    public void A_faster_y_passes_and_with_the_sides_swapped_it_is_failed()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var (faster, slower) = (Start(50, seed, 200), Start(50, seed, 200));
            faster.X.OwnLatency = slower.Y.OwnLatency = 30;
            Assert.NotEqual(Verdict.Failed, faster.Run(120).Verdict);
            Assert.Equal(Verdict.Failed, slower.Run(120).Verdict);
        }
    }

    [Fact]
    public void Upstream_services_that_are_slow_for_both_are_a_shared_cause_even_where_y_is_slower_too()
    {
        var watch = Start(50, 3, 200);
        watch.Run(30);
        watch.X.UpstreamLatency = watch.Y.UpstreamLatency = 900;
        watch.Y.OwnLatency = 40;
        Assert.Equal(Verdict.Inconclusive, watch.Run(60).Verdict);
        Assert.StartsWith("Shared cause", watch.Finding("latency-upstream").Message, StringComparison.Ordinal);
        Assert.StartsWith("Shared cause", watch.Finding("latency").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Upstream_services_that_are_slow_for_y_alone_are_a_fault_of_y_under_their_own_name()
    {
        var watch = Start(25, 4, 100);
        watch.Y.UpstreamLatency = 500;
        Assert.InRange(watch.SecondsToFail(60), 1, 30);
        Assert.Equal("latency-upstream", watch.Last.Findings[0].Indicator);
        Assert.Equal(Verdict.Passed, watch.Finding("latency-total").Verdict);
    }

    [Fact]
    public void Upstream_services_that_are_a_little_slower_for_y_are_no_fault()
    {
        var watch = Start(25, 5, 100);
        watch.Y.UpstreamLatency = 30;
        Assert.Equal(Verdict.Passed, watch.Run(120).Verdict);
    }

    [Fact]
    public void Without_x_y_is_measured_by_what_is_remembered_and_only_a_large_rise_counts()
    {
        var (little, much) = (Start(100, 6, 100), Start(100, 6, 100));
        (little.Y.OwnLatency, much.Y.OwnLatency) = (11, 40);
        Assert.NotEqual(Verdict.Failed, little.Run(300).Verdict);
        Assert.InRange(much.SecondsToFail(60), 1, 30);
    }

    [Fact]
    public void Sums_without_buckets_are_never_failed_for_and_pass_only_when_alike()
    {
        var watch = Start(50, 7, 100, static side => side.WithoutBuckets = true);
        Assert.Equal(Verdict.Passed, watch.Run(60).Verdict);
        watch.Y.OwnLatency = 100;
        Assert.Equal(Verdict.Inconclusive, watch.Run(60).Verdict);
    }

    [Fact]
    public void No_latencies_are_never_passed()
    {
        var watch = Start(50, 8, 100, static side => side.Hidden = MetricFamilies.KongLatency | MetricFamilies.RequestLatency);
        for (var second = 0; second < 60; second++)
        {
            Assert.NotEqual(Verdict.Passed, watch.Run(1).Verdict);
        }

        Assert.Equal(Verdict.Inconclusive, watch.Finding("latency").Verdict);
    }

    [Fact]
    public void A_floor_of_the_spec_is_obeyed()
    {
        var baseline = new SimulatedWatch(0, 9, 200);
        baseline.Run(60);
        var watch = new SimulatedWatch(50, 9, 200, baseline.Remembered, monitor: new MonitorSpec { LatencyFloor = TimeSpan.FromMilliseconds(40) });
        watch.Y.OwnLatency = 30;
        Assert.Equal(Verdict.Passed, watch.Run(120).Verdict);
    }

    private static SimulatedWatch Start(int weight, int seed, double rate, Action<SimulatedCluster>? both = null)
    {
        var baseline = new SimulatedWatch(0, seed + 5000, rate);
        Prepare(baseline);
        baseline.Run(60);
        var watch = new SimulatedWatch(weight, seed, rate, baseline.Remembered);
        Prepare(watch);
        return watch;

        void Prepare(SimulatedWatch w)
        {
            both?.Invoke(w.X);
            both?.Invoke(w.Y);
        }
    }
}

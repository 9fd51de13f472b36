using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

/// <summary>While a ramp goes on the watch knows only where it began and where it leads; the share in force may be anything between.</summary>
public sealed class Ramps
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 50)]
    [InlineData(50, 100)]
    [InlineData(0, 100)]
    public void A_share_that_rises_from_end_to_end_is_no_fault_of_anybody(int from, int to)
    {
        var watch = new SimulatedWatch(to, 1, rampFrom: from);

        // Kong 3 exposes its counters from the first request on, which the staging tests sent.
        watch.Y.Pass(10);
        for (var second = 0; second < 60; second++)
        {
            watch.Weight(from + ((to - from) * second / 60));
            Assert.True(watch.Run(1).Verdict is Verdict.Passed or Verdict.Inconclusive, $"second {second}: {watch.Last.Findings[0].Message}");
        }

        watch.Weight(to);
        Assert.Equal(Verdict.Passed, watch.Run(10).Verdict);
    }

    [Fact]
    public void A_ramp_that_is_held_where_it_began_passes_when_enough_is_seen()
    {
        var watch = new SimulatedWatch(50, 1, rampFrom: 10);
        watch.Weight(10);
        Assert.Equal(Verdict.Passed, watch.Run(60).Verdict);
    }

    [Theory]
    [InlineData(0, 50, 1)]
    [InlineData(10, 50, 10)]
    [InlineData(50, 100, 99)]
    public void Errors_on_y_fail_it_wherever_it_stands(int from, int to, int standsAt)
    {
        var watch = new SimulatedWatch(to, 1, requestsPerSecond: 1000, rampFrom: from);
        watch.Weight(standsAt);
        Assert.NotEqual(Verdict.Failed, watch.Run(10).Verdict);
        watch.Y.Codes[500] = 0.2;
        Assert.InRange(watch.SecondsToFail(30), 1, 30);
        Assert.Contains(watch.Last.Findings, static f => f is { Verdict: Verdict.Failed, Indicator: "error-rate" });
    }

    [Fact]
    public void Until_x_has_nothing_left_y_is_compared_with_x_as_it_is_now()
    {
        // Both give errors to every tenth: a shared cause while both serve, and Y's own where X is only remembered.
        static Verdict Judge(int? rampFrom, int inForce, Reference? reference)
        {
            var watch = new SimulatedWatch(100, 2, requestsPerSecond: 1000, reference, rampFrom: rampFrom);
            watch.Weight(inForce);
            (watch.X.Codes[500], watch.Y.Codes[500]) = (0.1, 0.1);
            return watch.Run(30).Verdict;
        }

        var before = new SimulatedWatch(0, 3, requestsPerSecond: 1000);
        before.Run(60);
        Assert.NotEqual(Verdict.Failed, Judge(50, 75, before.Remembered));
        Assert.Equal(Verdict.Failed, Judge(null, 100, before.Remembered));
    }

    [Theory]
    [InlineData(10, 50, "Y", Verdict.Errored)]
    [InlineData(10, 50, "X", Verdict.Errored)]
    [InlineData(0, 50, "Y", Verdict.Passed)]
    [InlineData(50, 100, "X", Verdict.Passed)]
    [InlineData(0, 100, "Y", Verdict.Passed)]
    [InlineData(0, 100, "X", Verdict.Passed)]
    public void A_side_without_a_request_is_missed_only_where_every_share_of_the_ramp_sends_it_some(int from, int to, string idle, Verdict expected)
    {
        var watch = new SimulatedWatch(to, 1, rampFrom: from);
        watch.Weight(50);
        watch.Run(10);
        watch.Weight(idle == "Y" ? 0 : 100);
        watch.Run(15);
        Assert.Equal(expected, watch.Last.Findings.Single(f => f.Indicator == "visibility" && f.Message.Contains($"luster {idle}", StringComparison.Ordinal)).Verdict);
    }

    [Theory]
    [InlineData(null, 50, 50)]
    [InlineData(0, 90, 90)]
    [InlineData(10, 100, 99)]
    [InlineData(null, 100, 100)]
    public void The_share_that_explains_most_429_is_the_last_at_which_x_has_traffic(int? from, int to, int expected)
    {
        Assert.Equal(expected, RateLimits.MostOf(from, to));
        var limits = new RateLimits([LimitCounting.Cluster]);
        var all = Enumerable.Range(from ?? to, to - (from ?? to) + 1).Max(share => limits.Pressure(1, 1, share, sticky: false));
        Assert.Equal(all, limits.Pressure(1, 1, expected, sticky: false));
    }
}

using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

public sealed class Properties
{
    public static TheoryData<int> Codes => [401, 403, 404, 413, 494, 500];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Each_code_is_found_on_y_with_its_route_and_when_the_sides_swap_nothing_is_failed(int code)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var baseline = new SimulatedWatch(0, seed + 5000);
            baseline.Run(30);
            var sick = new SimulatedWatch(50, seed, reference: baseline.Remembered) { Y = { Codes = { [code] = 0.15 } } };
            Assert.InRange(sick.SecondsToFail(60), 1, 20);
            var finding = sick.Last.Findings.First(static f => f.Verdict == Verdict.Failed);
            Assert.Equal(code >= 500 ? "error-rate" : $"status-{code}", finding.Indicator);
            Assert.True(finding.Low <= finding.ValueY - finding.ValueX && finding.ValueY - finding.ValueX <= finding.High && finding.SamplesY > 0);

            var better = new SimulatedWatch(50, seed, reference: baseline.Remembered) { X = { Codes = { [code] = 0.15 } } };
            Assert.NotEqual(Verdict.Failed, better.Run(60).Verdict);
            Assert.Equal(Verdict.Inconclusive, better.Finding("shared-cause").Verdict);
        }
    }

    [Fact]
    public void What_both_sides_suffer_is_held_and_not_blamed_on_y()
    {
        var baseline = new SimulatedWatch(0, 1);
        baseline.Run(30);
        foreach (var share in new[] { 0.1, 0.6 })
        {
            var watch = new SimulatedWatch(25, 2, reference: baseline.Remembered);
            watch.Run(30);
            watch.X.Codes[502] = watch.Y.Codes[502] = share;
            Assert.Equal(Verdict.Inconclusive, watch.Run(60).Verdict);
            Assert.Contains("both clusters share", watch.Finding("shared-cause").Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void One_route_that_lost_its_authentication_is_named()
    {
        var evidence = new RateEvidence(AnswerKind.ClientErrors[0], 1e-6, null);
        for (var second = 1; second <= 20; second++)
        {
            evidence.Add(Tick(second, 0), Tick(second, 5));
        }

        Assert.Contains(new Scope("s", "r3"), evidence.Found().Where);
        Assert.DoesNotContain(evidence.Found().Where, static w => w.Route is not (null or "r3"));
    }

    [Fact]
    public void Worse_numbers_on_y_are_never_less_evidence()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var (less, more) = (new RiseEvidence(RiseStakes.Answers), new RiseEvidence(RiseStakes.Answers));
            for (var second = 0; second < 60; second++)
            {
                var (x, y, worse) = (random.Next(0, 5), random.Next(0, 20), random.Next(0, 20));
                less.Add([new RateBlock(x, 200, y, 50, 0.01)], TimeSpan.FromSeconds(1), 1);
                more.Add([new RateBlock(x, 200, Math.Min(50, y + worse), 50, 0.01)], TimeSpan.FromSeconds(1), 1);
                Assert.True(more.Log >= less.Log - 1e-9);
            }
        }
    }

    [Fact]
    public void The_bound_on_lost_requests_never_exceeds_the_truth_however_counters_lag()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var (count, bound, truth, lagging) = (new LaggingCount(), 0.0, 0.0, random.NextDouble() * 50);
            for (var second = 0; second < 300; second++)
            {
                var (lost, now) = (random.NextDouble() < 0.3 ? random.Next(0, 5) : 0, random.NextDouble() * 50);
                truth += lost;
                bound += count.Add(lost + now - lagging, 0, 50);
                lagging = now;
                Assert.InRange(bound, 0, truth + 1e-6);
            }

            Assert.InRange(truth - bound, 0, 101);
        }
    }

    [Fact]
    public void Nothing_that_is_compared_passes_without_requests()
    {
        var watch = new SimulatedWatch(25, 9, requestsPerSecond: 0);
        for (var second = 0; second < 30; second++)
        {
            var judgement = watch.Run(1);
            Assert.NotEqual(Verdict.Passed, judgement.Verdict);
            Assert.All(judgement.Findings.Where(static f => f.Indicator is "error-rate" or "unmatched" || f.Indicator.StartsWith("status-", StringComparison.Ordinal)), static f => Assert.NotEqual(Verdict.Passed, f.Verdict));
        }
    }

    private static SideTick Tick(int second, double unauthorized)
    {
        var tally = new TrafficTally();
        for (var route = 0; route < 10; route++)
        {
            tally.AddRequests(new RouteCode("s", $"r{route}", 200), route == 3 ? 5 : 10);
        }

        tally.AddRequests(new RouteCode("s", "r3", 401), unauthorized);
        return new SideTick(TimeSpan.FromSeconds(second), TimeSpan.FromSeconds(1), tally);
    }
}

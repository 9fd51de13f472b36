using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

public sealed class SequentialEvidence
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(0.001, 9, 1)]
    [InlineData(0.05, 40, 10)]
    [InlineData(0.05, 10, 40)]
    [InlineData(0.5, 5, 5)]
    public void A_bet_on_equal_sides_never_pays_on_average(double rate, int requestsX, int requestsY)
    {
        // Exactly, over all outcomes of one interval: the expectation of an e-value is at most 1, however wrong the guess of the rate is.
        foreach (var expected in new[] { 0.0005, 0.02, 0.3 })
        {
            var mean = 0.0;
            for (var x = 0; x <= requestsX; x++)
            {
                for (var y = 0; y <= requestsY; y++)
                {
                    var evidence = new RiseEvidence(RiseStakes.Answers);
                    evidence.Add([new RateBlock(x, requestsX, y, requestsY, expected)], Second, share: 1);
                    mean += Probability(x, requestsX, rate) * Probability(y, requestsY, rate) * Math.Exp(evidence.Log);
                }
            }

            Assert.InRange(mean, 0, 1 + 1e-9);
        }
    }

    [Fact]
    public void More_errors_on_y_are_more_evidence_and_more_on_x_are_less()
    {
        var logs = Enumerable.Range(0, 50).Select(static hits => After(new RateBlock(2, 500, hits, 50, 0.004))).ToList();
        Assert.Equal(logs.Order(), logs);
        logs = [.. Enumerable.Range(0, 50).Select(static hits => After(new RateBlock(hits, 500, 5, 50, 0.004)))];
        Assert.Equal(logs.OrderDescending(), logs);
    }

    [Fact]
    public void Nothing_seen_on_a_side_is_no_evidence()
    {
        var evidence = new RiseEvidence(RiseStakes.Answers);
        for (var second = 0; second < 1000; second++)
        {
            evidence.Add([new RateBlock(0, 0, 50, 50, 0.01)], Second, 1);
            evidence.Add([], Second, 1);
        }

        Assert.InRange(evidence.Log, double.NegativeInfinity, 0);
    }

    [Fact]
    public void One_second_convinces_nobody_however_bad_it_is()
    {
        Assert.InRange(After(new RateBlock(0, 100_000, 1000, 1000, 0.001)), 0, RiseEvidence.MostPerInterval);
    }

    [Fact]
    public void Two_seconds_convince_nobody_and_a_third_does()
    {
        var evidence = new RiseEvidence(RiseStakes.Answers);
        for (var second = 1; second <= 3; second++)
        {
            evidence.Add([new RateBlock(0, 100_000, 1000, 1000, 0.001)], Second, 1);
            Assert.Equal(second == RiseEvidence.LeastIntervals, evidence.Suffices(9));
        }

        evidence.Add([new RateBlock(0, 100_000, 0, 1000, 0.001)], Second, 1);
        Assert.False(evidence.Suffices(20));
    }

    [Fact]
    public void The_fewer_bursts_were_seen_the_more_each_is_held_against_the_evidence()
    {
        var (burstiness, shares) = (new Burstiness(default), new List<double>());
        for (var second = 1; second <= 3000; second++)
        {
            burstiness.Add(second % 30 == 0 ? 10 : 0, 100);
            if (second is 60 or 300 or 3000)
            {
                shares.Add(burstiness.Share);
            }
        }

        // A burst of ten is one event: its hits are worth a tenth each, and less while it has come twice only.
        Assert.Equal(shares.Order(), shares);
        Assert.InRange(shares[^1], 0.08, 0.1);
        Assert.Equal(burstiness.Share, new Burstiness(burstiness.Scatter).Share);
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.02)]
    [InlineData(0.3)]
    public void Stakes_of_either_kind_are_valid_bets(double rate)
    {
        foreach (var stakes in new[] { RiseStakes.Answers, RiseStakes.Slowness })
        {
            Assert.InRange(stakes.LogStakes.Sum(Math.Exp), 0.5, 1 + 1e-9);
            var mean = 0.0;
            for (var x = 0; x <= 30; x++)
            {
                for (var y = 0; y <= 10; y++)
                {
                    var evidence = new RiseEvidence(stakes);
                    evidence.Add([new RateBlock(x, 30, y, 10, 0.01)], Second, share: 1);
                    mean += Probability(x, 30, rate) * Probability(y, 10, rate) * Math.Exp(evidence.Log);
                }
            }

            Assert.InRange(mean, 0, 1 + 1e-9);
        }
    }

    [Fact]
    public void Independent_hits_are_not_taken_for_bursts_however_many_there_are()
    {
        foreach (var hits in new[] { 0.05, 0.5, 5.0, 50.0 })
        {
            var lessened = 0;
            for (var seed = 0; seed < 200; seed++)
            {
                var (random, burstiness) = (new Random(seed), new Burstiness(default));
                for (var second = 0; second < 60; second++)
                {
                    burstiness.Add(Enumerable.Range(0, 1000).Count(_ => random.NextDouble() < hits / 1000), 1000);
                }

                lessened += burstiness.Share < 0.97 ? 1 : 0;
            }

            Assert.InRange(lessened, 0, 14);
        }
    }

    [Fact]
    public void A_rare_error_on_one_route_does_not_pass_for_the_routes_own_rate()
    {
        // Five routes of the same rate: by luck some have had no error yet and one has had two.
        var memory = new RateMemory();
        var tally = new TrafficTally();
        for (var route = 0; route < 5; route++)
        {
            tally.AddRequests(new RouteCode("s", $"r{route}", 200), 300);
        }

        tally.AddRequests(new RouteCode("s", "r0", 500), 2);
        memory.Add(RouteCounts.Of(tally, AnswerKind.ServerErrors), Second);
        Assert.InRange(memory.Of(new RouteKey("s", "r0")), 0.001, 0.004);
        Assert.InRange(memory.Of(new RouteKey("s", "r1")), 0.0005, 0.002);

        // Nothing but 200 for days must not wear it out.
        for (var hour = 0; hour < 2000; hour++)
        {
            memory.Add(RouteCounts.Of(Healthy(), AnswerKind.ServerErrors), TimeSpan.FromHours(1));
        }

        Assert.InRange(memory.Of(new RouteKey("s", "r1")), 1e-6, 1e-4);
    }

    [Fact]
    public void Hits_that_come_in_bursts_count_less_and_a_rate_that_changes_does_not()
    {
        var (bursts, steady, changing) = (new Burstiness(default), new Burstiness(default), new Burstiness(default));
        var random = new Random(1);
        for (var second = 0; second < 3000; second++)
        {
            bursts.Add(random.NextDouble() < 0.02 ? 20 : 0, 100);
            steady.Add(Enumerable.Range(0, 100).Count(_ => random.NextDouble() < 0.004), 100);
            changing.Add(Enumerable.Range(0, 100).Count(_ => random.NextDouble() < (second < 1500 ? 0.004 : 0.1)), 100);
        }

        Assert.InRange(bursts.Share, 0.03, 0.07);
        Assert.Equal(1, steady.Share);
        Assert.Equal(1, changing.Share);
    }

    [Fact]
    public void One_sick_route_among_many_is_found_and_named()
    {
        var evidence = new RateEvidence(AnswerKind.ServerErrors, alpha: 0.0001, reference: null);
        var random = new Random(2);
        for (var second = 1; second <= 30; second++)
        {
            evidence.Add(Tick(second, 90, random, 0.001), Tick(second, 10, random, 0.001, sick: 7));
        }

        var found = evidence.Found();
        Assert.Contains(new Scope("s", "r7"), found.Where);
        Assert.DoesNotContain(found.Where, static scope => scope.Route is not (null or "r7"));
    }

    private static SideTick Tick(int second, int requestsPerRoute, Random random, double errors, int sick = -1)
    {
        var tally = new TrafficTally();
        for (var route = 0; route < 40; route++)
        {
            for (var i = 0; i < requestsPerRoute / 10; i++)
            {
                tally.AddRequests(new RouteCode("s", $"r{route}", route == sick || random.NextDouble() < errors ? 503 : 200), 1);
            }
        }

        return new SideTick(TimeSpan.FromSeconds(second), Second, tally);
    }

    private static TrafficTally Healthy()
    {
        var tally = new TrafficTally();
        tally.AddRequests(new RouteCode("s", "r1", 200), 1000);
        return tally;
    }

    private static double After(RateBlock block)
    {
        var evidence = new RiseEvidence(RiseStakes.Answers);
        evidence.Add([block], Second, 1);
        return evidence.Log;
    }

    private static double Probability(int hits, int trials, double p)
    {
        var probability = Math.Pow(p, hits) * Math.Pow(1 - p, trials - hits);
        for (var i = 0; i < hits; i++)
        {
            probability *= (trials - i) / (double)(hits - i);
        }

        return probability;
    }
}

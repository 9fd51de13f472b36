using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

public sealed class FalseAlarms
{
    // The benchmark simulates thousands; here it has to fit beside all other tests.
    private const int Upgrades = 100;
    private const int SecondsPerStep = 60;

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.01)]
    [InlineData(0.05)]
    public void A_hundred_healthy_upgrades_are_never_failed(double errors)
    {
        var passed = 0;
        for (var seed = 0; seed < Upgrades; seed++)
        {
            passed += RunUpgrade(seed, watch =>
            {
                foreach (var side in new[] { watch.X, watch.Y })
                {
                    side.Codes[500] = errors;
                    side.Codes[401] = 0.02;
                    side.Codes[404] = 0.02;
                    side.Checks = 0.5;
                }
            });
        }

        // Steps of a healthy upgrade must end in passed, not only in not failed: most at once, the rest with more time.
        Assert.InRange(passed / (Upgrades * 5.0), errors > 0.02 ? 0.6 : 0.75, 1);
    }

    [Fact]
    public void Limited_clients_that_move_to_y_are_not_blamed_on_it()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var baseline = new SimulatedWatch(0, seed + 5000) { X = { Codes = { [429] = 0.05 } } };
            baseline.Run(30);
            var watch = new SimulatedWatch(10, seed, reference: baseline.Remembered) { Y = { Codes = { [429] = 0.4 } } };
            Assert.NotEqual(Verdict.Failed, watch.Run(120).Verdict);
            Assert.Equal(Verdict.Passed, watch.Finding("status-429").Verdict);
        }
    }

    [Fact]
    public void Clients_that_begin_to_ask_for_too_much_are_not_blamed_on_y()
    {
        // They come on top of what Y accepts.
        var watch = Start(25, 1);
        watch.Y.Rate = 50;
        watch.Y.Codes[429] = 0.5;
        Assert.NotEqual(Verdict.Failed, watch.Run(120).Verdict);
        Assert.Contains("ask for more", watch.Finding("status-429").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cold_start_is_not_blamed()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var watch = Start(10, seed);
            var second = 0;
            var judgement = watch.Run(60, _ =>
            {
                second++;
                watch.Y.OwnLatency = second <= 2 ? 1500 : 5;
                watch.Y.Codes[503] = second == 1 ? 0.3 : 0;
            });
            Assert.NotEqual(Verdict.Failed, judgement.Verdict);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_restart_of_a_node_is_not_blamed(bool ofX)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var watch = Start(25, seed);
            watch.X.Codes[500] = watch.Y.Codes[500] = 0.01;
            watch.Run(30);
            (ofX ? watch.X : watch.Y).Restart();
            Assert.NotEqual(Verdict.Failed, watch.Run(30).Verdict);
        }
    }

    [Fact]
    public void Changes_of_load_are_not_blamed()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var watch = Start(25, seed);
            Assert.NotEqual(Verdict.Failed, watch.Run(120, second => (watch.X.Rate, watch.Y.Rate) = (second / 20 % 3) switch
            {
                0 => (75, 25),
                1 => (600, 200),
                _ => (3, 1),
            }).Verdict);
        }
    }

    [Fact]
    public void A_fault_that_both_sides_share_is_not_blamed_on_y()
    {
        var watch = Start(25, 3);
        watch.Run(20);
        watch.X.Codes[502] = watch.Y.Codes[502] = 0.1;
        watch.X.UpstreamLatency = watch.Y.UpstreamLatency = 900;
        Assert.NotEqual(Verdict.Failed, watch.Run(60).Verdict);
    }

    [Fact]
    public void Errors_that_come_in_bursts_on_either_side_are_not_blamed_on_y()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            void Burst(SimulatedWatch watch)
            {
                watch.X.Codes[502] = random.NextDouble() < 0.05 ? 0.1 : 0;
                watch.Y.Codes[502] = random.NextDouble() < 0.05 ? 0.1 : 0;
            }

            var baseline = new SimulatedWatch(0, seed + 5000);
            baseline.Run(60, _ => Burst(baseline));
            var watch = new SimulatedWatch(50, seed, reference: baseline.Remembered);
            Assert.NotEqual(Verdict.Failed, watch.Run(300, _ => Burst(watch)).Verdict);
        }
    }

    [Fact]
    public void Health_checks_that_begin_on_both_sides_are_not_taken_for_lost_routes()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var watch = Start(1, seed);
            watch.X.Checks = watch.Y.Checks = 1;
            Assert.NotEqual(Verdict.Failed, watch.Run(120).Verdict);
        }
    }

    [Fact]
    public void Clients_that_ask_for_what_never_existed_are_not_blamed_on_y()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var watch = Start(25, seed);
            watch.X.Unmatched = watch.Y.Unmatched = 0.1;
            Assert.NotEqual(Verdict.Failed, watch.Run(90).Verdict);
        }
    }

    private static SimulatedWatch Start(int weight, int seed)
    {
        var baseline = new SimulatedWatch(0, seed + 5000);
        baseline.Run(15);
        return new SimulatedWatch(weight, seed, reference: baseline.Remembered);
    }

    private static int RunUpgrade(int seed, Action<SimulatedWatch> prepare)
    {
        var baseline = new SimulatedWatch(0, seed);
        prepare(baseline);
        baseline.Run(20);
        var (reference, passed) = (baseline.Remembered, 0);
        foreach (var weight in new[] { 1, 10, 25, 50, 100 })
        {
            var watch = new SimulatedWatch(weight, (seed * 1000) + weight, reference: reference);
            prepare(watch);
            var judgement = watch.Run(SecondsPerStep);
            Assert.True(judgement.Verdict != Verdict.Failed, $"seed {seed}, {weight} %: {judgement.Findings[0].Message}");
            passed += judgement.Verdict == Verdict.Passed ? 1 : 0;
            reference = watch.Remembered ?? reference;
        }

        return passed;
    }
}

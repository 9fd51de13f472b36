using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

public sealed class DetectionTime
{
    private const int Runs = 100;

    [Fact]
    public void Finds_twenty_percent_errors_at_ten_requests_a_second_within_ten_seconds() =>
        AssertFound("error-rate", 10, 10, static y => y.Codes[503] = 0.2);

    [Fact]
    public void Finds_three_hundred_milliseconds_more_within_ten_seconds() =>
        AssertFound("latency", 10, 10, static y => y.OwnLatency += 300);

    [Fact]
    public void Finds_thirty_percent_lost_routes_within_ten_seconds() =>
        AssertFound("unmatched", 10, 10, static y => y.Unmatched = 0.3);

    [Fact]
    public void Finds_a_fifth_of_requests_answered_401_within_ten_seconds() =>
        AssertFound("status-401", 10, 10, static y => y.Codes[401] = 0.2);

    [Fact]
    public void Finds_four_points_of_errors_at_half_the_traffic_within_thirty_seconds() =>
        AssertFound("error-rate", 50, 30, static y => y.Codes[500] = 0.04);

    [Fact]
    public void Finds_everything_failing_at_one_percent_within_thirty_seconds() =>
        AssertFound("error-rate", 1, 30, static y => y.Codes[500] = 1);

    [Theory]
    [InlineData(10, 500, 0, 0.02, 8, 15)]
    [InlineData(10, 500, 0.001, 0.02, 8, 16)]
    [InlineData(10, 500, 0.01, 0.02, 25, 45)]
    [InlineData(50, 100, 0.001, 0.02, 25, 40)]
    [InlineData(1, 500, 0.001, 0.02, 55, 130)]
    public void Finds_two_points_more(int weight, double requestsPerSecond, double errors, double rise, int median, int slow)
    {
        var times = Enumerable.Range(0, Runs).Select(seed =>
        {
            var baseline = new SimulatedWatch(0, seed + 5000, requestsPerSecond) { X = { Codes = { [500] = errors } } };
            baseline.Run(30);
            var watch = new SimulatedWatch(weight, seed, requestsPerSecond, baseline.Remembered) { X = { Codes = { [500] = errors } }, Y = { Codes = { [500] = errors + rise } } };
            return watch.SecondsToFail(300);
        }).Order().ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine($"median {times[Runs / 2]} s, p95 {times[Runs * 95 / 100]} s, worst {times[^1]} s");
        Assert.InRange(times[Runs / 2], 1, median);
        Assert.InRange(times[Runs * 95 / 100], 1, slow);
    }

    [Fact]
    public void Finds_errors_that_begin_in_the_middle_of_a_step()
    {
        var times = Enumerable.Range(0, Runs).Select(static seed =>
        {
            var watch = Upgrade(10, seed);
            watch.Run(40);
            watch.Y.Codes[500] = 0.2;
            return watch.SecondsToFail(30);
        }).Order().ToArray();
        Assert.InRange(times[Runs * 95 / 100], 1, 10);
    }

    [Fact]
    public void Windows_of_few_requests_hold_a_healthy_step_seldom_and_one_that_has_just_turned_sick_at_once()
    {
        const int runs = 10;
        const int seconds = 60;
        var (passed, held) = (0, 0);
        for (var seed = 0; seed < runs; seed++)
        {
            var baseline = new SimulatedWatch(0, seed + 5000, requestsPerSecond: 10) { X = { Codes = { [500] = 0.05 } } };
            baseline.Run(60);
            var watch = new SimulatedWatch(50, seed, 10, baseline.Remembered) { X = { Codes = { [500] = 0.05 } }, Y = { Codes = { [500] = 0.05 } } };
            watch.Run(300);
            for (var second = 0; second < seconds; second++)
            {
                watch.Run(1);
                passed += watch.Finding("error-rate").Verdict == Verdict.Passed ? 1 : 0;
            }

            watch.Y.Codes[500] = 0.6;
            watch.Run(4);
            held += watch.Finding("error-rate").Verdict == Verdict.Passed ? 0 : 1;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{passed} of {runs * seconds} s passed, {held} of {runs} held");
        Assert.InRange(passed, runs * seconds * 0.85, runs * seconds);
        Assert.InRange(held, runs - 1, runs);
    }

    [Fact]
    public void Finds_errors_when_all_traffic_is_on_y_by_what_is_remembered_of_x()
    {
        var watch = Upgrade(100, 5);
        watch.Y.Codes[500] = 0.1;
        Assert.InRange(watch.SecondsToFail(30), 1, 10);
        Assert.True(watch.Last.BreachFor > TimeSpan.Zero);
        Assert.True(watch.Last.BreachFor <= TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(25)]
    [InlineData(50)]
    [InlineData(100)]
    public void Lost_routes_never_pass_even_before_they_can_be_told_from_lagging_counters(int weight)
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var watch = Upgrade(weight, seed);
            watch.Run(2);
            watch.Y.Unmatched = 0.3;
            watch.Run(1);
            for (var second = 0; second < 5; second++)
            {
                Assert.NotEqual(Verdict.Passed, watch.Run(1).Verdict);
            }
        }
    }

    private static SimulatedWatch Upgrade(int weight, int seed)
    {
        var baseline = new SimulatedWatch(0, seed + 5000);
        baseline.Run(15);
        return new SimulatedWatch(weight, seed, reference: baseline.Remembered);
    }

    private static void AssertFound(string indicator, int weight, int seconds, Action<SimulatedCluster> fault)
    {
        var times = new List<int>();
        for (var seed = 0; seed < Runs; seed++)
        {
            var watch = Upgrade(weight, seed);
            fault(watch.Y);
            times.Add(watch.SecondsToFail(90));
            Assert.Equal(Verdict.Failed, watch.Last.Verdict);
            Assert.Contains(watch.Last.Findings, f => f.Indicator == indicator && f.Verdict == Verdict.Failed);
        }

        times.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine($"{indicator}: median {times[Runs / 2]} s, p95 {times[Runs * 95 / 100]} s, worst {times[^1]} s");
        Assert.InRange(times[Runs / 2], 1, seconds);
        Assert.InRange(times[Runs * 90 / 100], 1, seconds);
    }
}

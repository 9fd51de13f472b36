using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sequential;
using KongUpgradeMesh.MonitorAgent.Watching;
using Microsoft.Extensions.Logging.Abstractions;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

public sealed class LatencyEvidenceTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Equal_sides_never_pay_on_average_however_heavy_the_tail()
    {
        // The mean of e-values over independent runs must not lie above 1 by more than chance.
        var (sum, squares, runs) = (0.0, 0.0, 400);
        for (var run = 0; run < runs; run++)
        {
            var evidence = After(run, 60, static r => Pareto(r, 5), static r => Pareto(r, 5));
            var value = Math.Exp(Math.Min(evidence.Log, 20));
            (sum, squares) = (sum + value, squares + (value * value));
        }

        var mean = sum / runs;
        var error = Math.Sqrt(((squares / runs) - (mean * mean)) / runs);
        Assert.InRange(mean, 0, 1 + (4 * error));
    }

    [Fact]
    public void The_slower_y_is_the_more_evidence_there_is_and_a_faster_one_is_none()
    {
        var logs = new[] { 0.5, 0.8, 1.0, 1.5, 2.0, 4.0 }.Select(static factor => After(1, 60, static r => Pareto(r, 5), r => factor * Pareto(r, 5)).Log).ToArray();
        Assert.Equal(logs.Order(), logs);
        Assert.True(logs[1] < 0 && logs[^1] > 20, string.Join(' ', logs));
    }

    [Fact]
    public void Slow_requests_added_on_y_never_lessen_the_evidence_and_on_x_never_strengthen_it()
    {
        double? before = null;
        for (var slow = 0; slow <= 50; slow++)
        {
            var log = OneSecond(slowX: 2, slowY: slow);
            Assert.True(log >= (before ?? log), $"{slow} slow requests count less than {slow - 1}");
            before = log;
        }

        before = null;
        for (var slow = 0; slow <= 50; slow++)
        {
            var log = OneSecond(slowX: slow, slowY: 10);
            Assert.True(log <= (before ?? log), $"{slow} slow requests on X make more evidence than {slow - 1}");
            before = log;
        }
    }

    [Fact]
    public void Sides_that_swap_are_never_both_slower()
    {
        for (var run = 0; run < 50; run++)
        {
            Func<Random, double> some = r => (1 + (run / 25.0)) * Pareto(r, 5);
            var (one, other) = (After(run, 60, static r => Pareto(r, 5), some), After(run, 60, some, static r => Pareto(r, 5)));
            Assert.False(one.Suffices && other.Suffices);
        }
    }

    [Fact]
    public void Nothing_seen_on_a_side_is_no_evidence_and_no_finding()
    {
        var comparison = new LatencyComparison(0.001, new MonitorSpec(), null);
        for (var second = 1; second <= 100; second++)
        {
            comparison.Add(Tick(second, []), Tick(second, Enumerable.Repeat(5000.0, 50)));
            comparison.Add(Tick(second, []));
        }

        Assert.Equal(LatencyFinding.Unknown, comparison.Found().Gateway);
        Assert.Equal(LatencyFinding.Unknown, comparison.Found().Upstream);
    }

    [Fact]
    public void Slow_requests_that_come_together_count_less_at_whatever_pace()
    {
        var (steady, pauses, spells) = (new Overdispersion([]), new Overdispersion([]), new Overdispersion([]));
        var random = new Random(1);
        for (var second = 0; second < 1000; second++)
        {
            int Hits(double share) => Enumerable.Range(0, 100).Count(_ => random.NextDouble() < share);
            steady.Add(Hits(0.3), 100);
            pauses.Add(Hits(random.NextDouble() < 0.05 ? 0.9 : 0.3), 100);
            spells.Add(Hits(second / 32 % 2 == 0 ? 0.2 : 0.4), 100);
        }

        Assert.InRange(steady.Share, 0.8, 1);
        Assert.InRange(pauses.Share, 0.01, 0.3);
        Assert.InRange(spells.Share, 0.001, 0.1);
        Assert.Equal(spells.Share, new Overdispersion(spells.Known).Share);
    }

    [Fact]
    public async Task What_is_remembered_of_x_outlives_the_agent()
    {
        var directory = Directory.CreateTempSubdirectory("kum-references-");
        try
        {
            var baseline = new SimulatedWatch(0, 3);
            baseline.Run(60);
            var (store, upgrade) = (new FileReferenceStore(directory.FullName, NullLogger<FileReferenceStore>.Instance), Guid.NewGuid());
            await store.SaveAsync(upgrade, baseline.Remembered!, TestContext.Current.CancellationToken);
            var loaded = await store.LoadAsync(upgrade, TestContext.Current.CancellationToken);
            Assert.Equal(baseline.Remembered!.X.Latencies.Count, loaded!.X.Latencies.Count);
            Assert.All(loaded.X.Latencies, r => Assert.Equal(baseline.Remembered.X.Latencies[r.Key].Values, r.Value.Values));
            Assert.Equal(baseline.Remembered.LatencyScatter.Kong, loaded.LatencyScatter.Kong);
            Assert.NotEmpty(loaded.LatencyScatter.Kong);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static LatencyEvidence After(int seed, int seconds, Func<Random, double> x, Func<Random, double> y)
    {
        var (random, evidence, memory) = (new Random(seed), new LatencyEvidence(LatencyKind.Kong, 1e-4, []), new LatencyMemory());
        for (var second = 1; second <= seconds; second++)
        {
            var (onX, onY) = (Tick(second, Enumerable.Range(0, 60).Select(_ => x(random))), Tick(second, Enumerable.Range(0, 30).Select(_ => y(random))));
            evidence.Add(onX, onY, memory);
            memory.Add(onX.Tally, Second);
        }

        return evidence;
    }

    private static double OneSecond(int slowX, int slowY)
    {
        var memory = new LatencyMemory();
        memory.Add(Tick(1, Enumerable.Repeat(3.0, 980).Concat(Enumerable.Repeat(150.0, 20))).Tally, Second);
        var evidence = new LatencyEvidence(LatencyKind.Kong, 1e-4, []);
        evidence.Add(
            Tick(2, Enumerable.Repeat(3.0, 100 - slowX).Concat(Enumerable.Repeat(150.0, slowX))),
            Tick(2, Enumerable.Repeat(3.0, 50 - slowY).Concat(Enumerable.Repeat(150.0, slowY))),
            memory);
        return evidence.Log;
    }

    private static SideTick Tick(int second, IEnumerable<double> latencies)
    {
        var (tally, route) = (new TrafficTally(), new RouteLatency());
        foreach (var latency in latencies)
        {
            route.Observe(LatencyKind.Kong, latency);
            route.Observe(LatencyKind.Request, latency);
        }

        tally.AddLatency(new RouteKey("s", "r"), route);
        return new SideTick(TimeSpan.FromSeconds(second), Second, tally);
    }

    private static double Pareto(Random random, double mean) => mean / 3 * Math.Pow(1 - random.NextDouble(), -1 / 1.5);
}

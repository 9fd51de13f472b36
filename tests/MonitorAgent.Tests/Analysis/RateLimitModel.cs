using System.Text.Json;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

public sealed class RateLimitModel
{
    [Theory]
    [InlineData(LimitCounting.BothClusters, 3, 1, 90, false, 1)]
    [InlineData(LimitCounting.Cluster, 3, 1, 10, false, 1)]
    [InlineData(LimitCounting.Cluster, 3, 1, 90, true, 1)]
    [InlineData(LimitCounting.Cluster, 3, 3, 75, false, 3)]
    [InlineData(LimitCounting.Node, 3, 3, 25, true, 1)]
    [InlineData(LimitCounting.Node, 4, 2, 25, true, 2)]
    [InlineData(LimitCounting.Node, 2, 4, 25, true, 1)]
    [InlineData(LimitCounting.Node, 4, 2, 75, false, 6)]
    [InlineData(LimitCounting.Node, 4, 2, 100, false, 2)]
    public void The_pressure_on_a_counter_of_y_follows_from_the_policy_the_nodes_and_the_split(LimitCounting counting, int nodesX, int nodesY, int weight, bool sticky, double pressure) =>
        Assert.Equal(pressure, new RateLimits([counting]).Pressure(nodesX, nodesY, weight, sticky), 9);

    [Theory]
    [InlineData("rate-limiting", """{"policy":"cluster"}""", LimitCounting.Cluster)]
    [InlineData("rate-limiting", """{"policy":"redis"}""", LimitCounting.BothClusters)]
    [InlineData("response-ratelimiting", """{"policy":"local"}""", LimitCounting.Node)]
    [InlineData("rate-limiting-advanced", """{"strategy":"cluster","sync_rate":0.5}""", LimitCounting.Cluster)]
    [InlineData("rate-limiting-advanced", """{"strategy":"redis","sync_rate":-1}""", LimitCounting.Node)]
    [InlineData("key-auth", """{"policy":"cluster"}""", null)]
    public void The_configuration_of_a_plugin_says_how_it_counts(string name, string config, LimitCounting? expected) =>
        Assert.Equal(expected, LimitSurvey.Counting(new KongPlugin { Id = Guid.NewGuid(), Name = name, Config = JsonSerializer.Deserialize<JsonElement>(config) }));

    [Fact]
    public void Without_a_limiter_nothing_is_explained_and_without_knowledge_the_most_lenient_is_assumed()
    {
        Assert.Equal(1, new RateLimits([]).Pressure(4, 2, 75, sticky: false));
        Assert.Equal(6, RateLimits.Unknown.Pressure(4, 2, 75, sticky: false));
        Assert.Contains("assumed", RateLimits.Unknown.Basis, StringComparison.Ordinal);
    }

    [Fact]
    public void No_demand_of_clients_is_rejected_more_often_than_the_bound_says()
    {
        var random = new Random(1);
        for (var run = 0; run < 2000; run++)
        {
            var (limit, pressure) = (random.Next(1, 50), 1 + (random.NextDouble() * 5));
            var demands = Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.NextDouble() * random.Next(1, 200)).ToList();
            double Rejected(double times) => 1 - (demands.Sum(d => Math.Min(d * times, limit)) / demands.Sum(d => d * times));
            Assert.InRange(Rejected(pressure), 0, RateLimits.Under(Rejected(1), pressure) + 1e-9);
        }
    }

    [Fact]
    public void A_limiter_of_y_that_rejects_what_x_accepts_is_found()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var baseline = new SimulatedWatch(0, seed + 5000) { X = { Codes = { [429] = 0.02 } } };
            baseline.Run(30);
            var watch = new SimulatedWatch(25, seed, reference: baseline.Remembered) { X = { Codes = { [429] = 0.02 } }, Y = { Codes = { [429] = 0.5 } } };
            Assert.InRange(watch.SecondsToFail(60), 1, 20);
            Assert.Equal(Verdict.Failed, watch.Finding("status-429").Verdict);
        }
    }
}

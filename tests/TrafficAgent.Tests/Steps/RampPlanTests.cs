using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Steps;

namespace KongUpgradeMesh.TrafficAgent.Tests.Steps;

public sealed class RampPlanTests
{
    private static readonly DriverCapabilities Fine = new() { IsSticky = true, Assignment = TrafficAssignment.PerRequest, SeesShare = true };

    [Theory]
    [InlineData(25, 50, 120, 25, 5.0)]
    [InlineData(0, 100, 10, 11, 1.0)]
    [InlineData(0, 10, 1, 2, 1.0)]
    [InlineData(10, 11, 60, 1, 0.0)]
    [InlineData(10, 40, 0, 1, 0.0)]
    public void Has_as_many_increments_as_percents_and_seconds_allow(int from, int to, int seconds, int increments, double interval)
    {
        var plan = RampPlan.Of(from, to, TimeSpan.FromSeconds(seconds), Fine);

        Assert.Equal((increments, TimeSpan.FromSeconds(interval)), (plan.Shares.Count, plan.Interval));
        Assert.Equal(to, plan.Shares[^1]);
    }

    [Fact]
    public void Rises_evenly_from_its_beginning_to_its_end_in_shares_that_the_driver_can_set()
    {
        foreach (var granularity in new[] { 1, 5, 10, 25, 100 })
        {
            var can = Fine with { Granularity = granularity };
            foreach (var seconds in Enumerable.Range(0, 200))
            {
                var plan = RampPlan.Of(0, 100, TimeSpan.FromSeconds(seconds), can);
                var increments = plan.Shares.Prepend(0).Zip(plan.Shares, static (left, right) => right - left).ToArray();

                Assert.All(plan.Shares, share => Assert.True(can.CanSet(share)));
                Assert.All(increments, static increment => Assert.True(increment > 0));
                Assert.True(increments.Max() - increments.Min() <= granularity, $"{granularity}: {string.Join(' ', plan.Shares)}");
                Assert.True(plan.Shares.Count == 1 || plan.Interval >= TimeSpan.FromSeconds(1));
                Assert.Equal(plan.Shares.Count == 1 ? 0 : seconds, (plan.Interval * (plan.Shares.Count - 1)).TotalSeconds, tolerance: 0.001);
            }
        }
    }

    [Fact]
    public void Is_refused_in_the_plan_where_each_change_costs_something_or_clients_would_jump_all_the_same()
    {
        var wishes = new TrafficSpec { Driver = "some", Settings = new Dictionary<string, string>(), Ramp = TimeSpan.FromSeconds(30) };

        Assert.Empty(Fine.ProblemsWith(wishes));
        Assert.Empty((Fine with { Lag = TimeSpan.FromSeconds(5) }).ProblemsWith(wishes));
        Assert.Contains("follow some only within 60 s", Assert.Single((Fine with { Lag = TimeSpan.FromMinutes(1) }).ProblemsWith(wishes)), StringComparison.Ordinal);
        var costly = Fine with { CostOfChange = "costs a coffee" };
        Assert.Contains("each change of the split costs a coffee", Assert.Single(costly.ProblemsWith(wishes)), StringComparison.Ordinal);
        Assert.Empty(costly.ProblemsWith(wishes with { Ramp = TimeSpan.Zero }));
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

public sealed class Budget
{
    [Theory]
    [InlineData(0.001, 0, 1, 10, 25, 50, 100)]
    [InlineData(0.001, 60, 1, 10, 25, 50, 100)]
    [InlineData(0.1, 0, 100)]
    [InlineData(0.1, 60, 100)]
    [InlineData(0.001, 0, 50, 100)]
    [InlineData(0.001, 60, 1, 2, 3, 100)]
    [InlineData(0.00001, 0, 1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 90, 100)]
    [InlineData(0.00001, 60, 1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 90, 100)]
    public void All_parts_together_are_at_most_the_chance_of_the_whole_upgrade(double alpha, int rampSeconds, params int[] steps)
    {
        var spec = Specs.Watch(1).Spec with { Monitor = new MonitorSpec { FalseAlarmChance = alpha } };
        spec = spec with { Traffic = spec.Traffic with { Steps = steps, Ramp = TimeSpan.FromSeconds(rampSeconds) } };
        var (budget, numbers) = (AlphaBudget.Of(spec), Watches(spec).Select(AlphaBudget.NumberOf).ToList());
        Assert.Equal(Enumerable.Range(1, numbers.Count), numbers);

        var metrics = AnswerKind.All.Sum(static k => k.PartOfAlpha) + AlphaBudget.Unmatched + AlphaBudget.Latency;
        Assert.InRange(metrics, 0.99, 1 + 1e-12);
        var parts = numbers.Select(budget.OfWatchOfBoth).ToList();
        Assert.Equal(parts.OrderDescending(), parts);
        Assert.InRange(metrics * (parts.Sum() + (AlphaBudget.WatchesWithoutX * budget.OfWatchWithoutX)), alpha * (parts.Count > 0 ? 0.99 : 0.09), alpha * (1 + 1e-12));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_watch_of_no_step_of_the_plan_gets_the_part_of_one_that_is(int step)
    {
        var command = Specs.Watch(10) with { TrafficStep = step };
        var budget = AlphaBudget.Of(command.Spec);
        Assert.Contains(budget.OfWatchOfBoth(AlphaBudget.NumberOf(command)), Enumerable.Range(1, 4).Select(budget.OfWatchOfBoth));
    }

    // Every watch while both clusters serve, in the order in which they come.
    private static IEnumerable<WatchTraffic> Watches(UpgradeSpec spec)
    {
        for (var index = 0; index < spec.Traffic.Steps.Count; index++)
        {
            var watch = Specs.Watch(spec.Traffic.Steps[index]) with { Spec = spec, TrafficStep = index + 1 };
            if (spec.Traffic.IsRamped(index))
            {
                yield return watch with { RampFrom = new TrafficSplit { WeightY = spec.Traffic.ShareBefore(index) } };
            }

            if (index < spec.Traffic.Steps.Count - 1)
            {
                yield return watch;
            }
        }
    }
}

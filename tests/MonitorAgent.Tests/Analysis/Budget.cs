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
    [InlineData(0.00001, 0, 1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 90, 100)]
    [InlineData(0.00001, 60, 1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 90, 100)]
    public void All_parts_together_are_at_most_the_chance_of_the_whole_upgrade(double alpha, int rampSeconds, params int[] steps)
    {
        var spec = Specs.Watch(1).Spec with { Monitor = new MonitorSpec { FalseAlarmChance = alpha } };
        spec = spec with { Traffic = spec.Traffic with { Steps = steps, Ramp = TimeSpan.FromSeconds(rampSeconds) } };
        var budget = AlphaBudget.Of(spec);
        var metrics = AnswerKind.All.Sum(static k => k.PartOfAlpha) + AlphaBudget.Unmatched + AlphaBudget.Latency;
        // One percent above the step before is set at once.
        var ramps = rampSeconds > 0 ? steps.Zip(steps.Prepend(0)).Count(static s => s.First - s.Second > 1) : 0;
        var watches = ((steps.Count(static s => s < 100) + ramps) * budget.OfWatch(bothServe: true)) + (AlphaBudget.WatchesWithoutX * budget.OfWatch(bothServe: false));
        Assert.InRange(metrics, 0.99, 1 + 1e-12);
        Assert.InRange(watches * metrics, alpha * 0.15, alpha * (1 + 1e-12));
    }
}

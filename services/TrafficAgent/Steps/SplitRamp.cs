using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.DeadMan;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;

namespace KongUpgradeMesh.TrafficAgent.Steps;

/// <summary>Leads up to a step's split in small increments, each of them a split of its own that is watched, defended and taken back like any other.</summary>
/// <remarks>It begins at what the load balancer reports. So a try that follows a dead agent, a pause or a revoked try goes on where that one stood, and none jumps.</remarks>
internal sealed class SplitRamp(SplitSetting setting, TrafficIntents intents, TrafficMarks marks, Contacts contacts, TimeProvider clock)
{
    // A stop that was marked on disk ends the wait for the next increment within this time.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Sets every increment but the last, and returns when the last one is due.</summary>
    /// <returns>What was done; null when the split that is asked for is in force, or more.</returns>
    /// <exception cref="StepFailedException">An increment may not or cannot be set; those before it stay.</exception>
    public async Task<TrafficRamp?> ClimbAsync(ITrafficDriver driver, StepContext<ShiftTraffic> context, CancellationToken cancellationToken)
    {
        var command = context.Command;
        var found = (await driver.ReadAsync(cancellationToken)).Split;
        var (from, to) = (Math.Min(command.RampFrom.WeightY, found.WeightY), command.Split.WeightY);
        var plan = RampPlan.Of(from, to, command.Ramp, driver.Capabilities);
        var shares = plan.Shares.Where(s => s > found.WeightY).ToArray();
        if (shares.Length == 0)
        {
            return null;
        }

        var begun = clock.GetTimestamp();
        var raised = begun;
        if (found.WeightY > from)
        {
            await WaitAsync(command, raised, plan.Interval, cancellationToken); // The last increment before this try may just have been set.
        }

        foreach (var (index, share) in shares.SkipLast(1).Index())
        {
            await context.ReportAsync($"ramping to {to} % on Y, now {share} %", (share - from) / (double)(to - from), cancellationToken);
            raised = clock.GetTimestamp();
            var intent = await setting.SetAsync(driver, command, new TrafficSplit { WeightY = share }, command.OverForeign && index == 0, cancellationToken);
            intents.End(intent, IntentState.Confirmed);
            await WaitAsync(command, raised, plan.Interval, cancellationToken);
        }

        return new TrafficRamp { From = found, Increments = shares.Length, Took = clock.GetElapsedTime(begun) };
    }

    private async Task WaitAsync(ShiftTraffic command, long since, TimeSpan interval, CancellationToken cancellationToken)
    {
        var step = command.Step;
        while (true)
        {
            var rest = interval - clock.GetElapsedTime(since);
            if (rest <= TimeSpan.Zero && IsHeard(command))
            {
                return;
            }

            await Task.Delay(rest > TimeSpan.Zero && rest < Look ? rest : Look, clock, cancellationToken);
            marks.Admit(step.UpgradeId, step.Epoch);
        }
    }

    // Where the dead-man switch only holds, nothing may grow either while nobody is there to notice a sick Y.
    private bool IsHeard(ShiftTraffic command) => contacts.SilenceOf(command.Step.UpgradeId) < command.Spec.Traffic.DeadMan.After;
}

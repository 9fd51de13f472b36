using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Steps;

/// <summary>Refuses at plan time what the balancer cannot do, makes sure that all traffic is on X, and waits for what must be so some time before the first shift.</summary>
/// <remarks>The wait is here because nothing is frozen yet, and a day of it harms nobody.</remarks>
internal sealed class PrepareTrafficHandler(TrafficDriverCatalog drivers, TrafficRestorer restorer, TimeProvider clock) : IStepHandler<PrepareTraffic>
{
    // The rest is for the work before the wait and for reporting.
    private const double ShareForWaiting = 0.9;
    private static readonly TimeSpan LongestNap = TimeSpan.FromMinutes(1);

    public async Task<IStepEvent> RunAsync(StepContext<PrepareTraffic> context, CancellationToken cancellationToken)
    {
        var spec = context.Command.Spec;
        var driver = drivers.Create(spec.Traffic);
        var problems = new List<string>(StepProblems(spec.Traffic.Steps));
        problems.AddRange(driver.Capabilities.ProblemsWith(spec.Traffic));
        problems.AddRange(await driver.CheckAsync(spec.Traffic, cancellationToken));
        if (problems.Count > 0)
        {
            throw TrafficFailures.Cannot(problems);
        }

        var seen = await driver.ReadAsync(cancellationToken);
        var mark = new TrafficRecord { UpgradeId = context.Step.UpgradeId, Epoch = context.Step.Epoch, Step = 0, Split = TrafficSplit.AllOnX };
        RecordGuard.AdmitRestore(seen, mark);
        if (seen is { Tampered: false } && seen.IsOf(mark.UpgradeId) && seen.Record!.Epoch == mark.Epoch && seen.Record.Step > 0)
        {
            throw TrafficFailures.Superseded(seen, mark); // Shifts of this epoch have been here: the command is a late one.
        }

        if (seen.Split.WeightY > 0)
        {
            if (!seen.IsOf(mark.UpgradeId) || seen.Tampered)
            {
                throw TrafficFailures.Foreign(seen);
            }

            await context.ReportAsync("putting all traffic back on X", null, cancellationToken);
            await restorer.RestoreAsync(TrafficIntent.Of(mark, spec, isRestore: true, context.Step), context.Command.Timeout * 0.8, RestoreTerms.Commanded, cancellationToken);
            seen = await driver.ReadAsync(cancellationToken);
        }

        await AwaitReadinessAsync(driver, context, cancellationToken);
        return new TrafficPrepared { Step = context.Step, Agent = context.Agent, Driver = spec.Traffic.Driver, Limits = driver.Limits, Split = seen.Split };
    }

    private async Task AwaitReadinessAsync(ITrafficDriver driver, StepContext<PrepareTraffic> context, CancellationToken cancellationToken)
    {
        if (await driver.PrepareAsync(context.Step.UpgradeId, context.Step.Epoch, context.Command.Timeout * ShareForWaiting, cancellationToken) is not { } ready)
        {
            return;
        }

        await context.ReportAsync($"waiting until {ready:u}: before that clients may go by what they have looked up for longer than a rollback may take", null, cancellationToken);
        while (ready - clock.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            // No timer is longer; and a host that slept meanwhile looks at the clock again.
            await Task.Delay(left < LongestNap ? left : LongestNap, clock, cancellationToken);
        }
    }

    private static IEnumerable<string> StepProblems(IReadOnlyList<int> steps)
    {
        if (steps.Count == 0 || steps[^1] != 100)
        {
            yield return "traffic.steps must end with 100.";
        }

        if (steps.Any(static s => s is < 1 or > 100) || steps.Zip(steps.Skip(1)).Any(static pair => pair.First >= pair.Second))
        {
            yield return "traffic.steps must be whole percents from 1 to 100, each greater than the one before.";
        }
    }
}

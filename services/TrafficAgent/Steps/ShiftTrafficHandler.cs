using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Steps;

/// <summary>Sets a split, at once or in the increments of a ramp; the balancer must report and serve it in the end.</summary>
internal sealed class ShiftTrafficHandler(TrafficDriverCatalog drivers, TrafficIntents intents, SplitSetting setting, SplitRamp ramp) : IStepHandler<ShiftTraffic>
{
    public async Task<IStepEvent> RunAsync(StepContext<ShiftTraffic> context, CancellationToken cancellationToken)
    {
        var command = context.Command;
        var driver = drivers.Create(command.Spec.Traffic);
        var way = command.Ramp > TimeSpan.Zero ? await ramp.ClimbAsync(driver, context, cancellationToken) : null;
        await context.ReportAsync($"moving to {command.Split.WeightY} % on Y", null, cancellationToken);

        // A person has allowed to replace what was found at the beginning, not what may have come since.
        var intent = await setting.SetAsync(driver, command, command.Split, command.OverForeign && way is not { Increments: > 1 }, cancellationToken);
        var record = intent.Record;
        var verification = await driver.VerifyAsync(record, cancellationToken);
        var seen = await driver.ReadAsync(cancellationToken);
        if (!seen.Is(record))
        {
            throw TrafficFailures.NotInForce(record.Split, seen.ToString());
        }

        intents.End(intent, IntentState.Confirmed);
        return new TrafficShifted
        {
            Step = context.Step, Agent = context.Agent, Split = seen.Split, TrafficStep = record.Step, ObservedShareY = verification.ShareY, Ramp = way,
        };
    }
}

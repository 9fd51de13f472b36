using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Coordinator.Leases;
using KongUpgradeMesh.Coordinator.Timeline;
using MassTransit;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>The verbs about ramps: traffic grows on Y only while a watch measures both clusters.</summary>
internal static class RampBehaviors
{
    /// <summary>Whether the traffic agent is raising the share on Y.</summary>
    public static bool IsRamping(this UpgradeState saga) =>
        saga.Main is { Name: StepNames.ShiftTraffic, IsOpen: true } && saga.Spec.Traffic.IsRamped(saga.TrafficStep);

    /// <summary>Whether a ramp is held until a watch measures both clusters.</summary>
    public static bool IsAwaitingWatch<T>(BehaviorContext<UpgradeState, T> context)
        where T : class => context.Saga.Main is { Name: StepNames.WatchRamp, IsOpen: false };

    /// <summary>Where a paused run goes on: a ramp only after the fences were verified again and under a new watch.</summary>
    public static string ResumePoint(UpgradeState saga) =>
        saga.Main.Name == StepNames.WatchRamp || (saga.Main.Name == StepNames.ShiftTraffic && saga.Spec.Traffic.IsRamped(saga.TrafficStep))
            ? StepNames.VerifyFreeze
            : saga.Main.Name;

    /// <summary>What a verdict that is no breach means for a ramp: it goes on while both clusters are measured, and stays where it is while they are not.</summary>
    public static EventActivityBinder<UpgradeState, VerdictReached> LeadRamp(this EventActivityBinder<UpgradeState, VerdictReached> binder, UpgradeStateMachine machine, UpgradeProcedure procedure) => binder
        .If(
            static context => context.Message.Verdict != Verdict.Errored && IsAwaitingWatch(context),
            seen => seen.Unschedule(machine.DecisionDeadline).Next(machine, procedure, StepNames.ShiftTraffic, resumeAt: StepNames.VerifyFreeze))
        .If(static context => context.Message.Verdict == Verdict.Errored, blind => blind.HoldRamp(machine));

    /// <summary>Stops a ramp where it stands until a watch measures both clusters again; the traffic agent then goes on from there.</summary>
    public static EventActivityBinder<UpgradeState, T> HoldRamp<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine)
        where T : class => binder.If(
            static context => context.Saga.IsRamping(),
            ramp => ramp
                .Unschedule(machine.StepDeadline).Unschedule(machine.RetryDelay)
                .ThenAsync(static async context =>
                {
                    await context.RevokeRampAsync();
                    await LeaseWriting.CloseAsync(context, StepLanes.Main);
                    context.Saga.BeginOwnStep(StepNames.WatchRamp);
                    await context.AppendAsync(TimelineKinds.Alert, StepSending.CoordinatorActor, "The ramp is held where it stands: the clusters are not measured");
                })
                .AwaitVerdict(machine));

    /// <summary>Makes the traffic agent abandon a ramp that goes on; other steps come to their end by themselves.</summary>
    public static Task RevokeRampAsync(this BehaviorContext<UpgradeState> context)
    {
        var saga = context.Saga;
        return saga.IsRamping() ? context.RevokeAsync(StepLanes.Main, saga.Epoch, saga.Main.Sequence + 1, 1) : Task.CompletedTask;
    }
}

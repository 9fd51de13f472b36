using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.Coordinator.Intake;
using KongUpgradeMesh.Coordinator.Leases;
using KongUpgradeMesh.Coordinator.Timeline;
using KongUpgradeMesh.Coordinator.Upgrades.Messages;
using MassTransit;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>The verbs of the procedure: beginning phases and steps, and going on from one to the next.</summary>
internal static class UpgradeBehaviors
{
    public static EventActivityBinder<UpgradeState, BeginUpgrade> OpenUpgrade(this EventActivityBinder<UpgradeState, BeginUpgrade> binder) =>
        binder.ThenAsync(static async context =>
        {
            var saga = context.Saga;
            saga.DefinitionVersion = UpgradeStateMachine.DefinitionVersion;
            saga.RequestId = context.Message.RequestId;
            saga.RequestedBy = context.Message.RequestedBy;
            saga.Spec = context.Message.Spec;
            saga.StartedAt = context.Clock().GetUtcNow();
            saga.Epoch = 1;
            await context.AppendAsync(
                TimelineKinds.Started, saga.RequestedBy, $"Upgrade of {saga.Spec.Cluster} from {saga.Spec.From.Version} to {saga.Spec.To.Version} begins",
                new { saga.RequestId, saga.Spec });
        });

    /// <summary>Enters a phase and begins its first step, or the step it was left at.</summary>
    public static EventActivityBinder<UpgradeState, T> EnterPhase<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure, State phase)
        where T : class => binder
            .ThenAsync(async context =>
            {
                context.Saga.Phase = phase.Name;
                context.Saga.WaitDeadline = null;
                await context.AppendAsync(TimelineKinds.PhaseEntered, StepSending.CoordinatorActor, $"Phase {phase.Name} begins");
                await context.Publish(new UpgradePhaseEntered
                {
                    RequestId = context.Saga.RequestId, At = context.Clock().GetUtcNow(), UpgradeId = context.Saga.CorrelationId,
                    Cluster = context.Saga.Spec.Cluster, Phase = phase.Name, Epoch = context.Saga.Epoch,
                });
            })
            .TransitionTo(phase)
            .BeginStep(machine, procedure, saga => saga.Pending ?? UpgradeProcedure.FirstStepOf(phase.Name));

    /// <summary>Goes on with the next phase, unless a pause was asked for or a gate stands before it.</summary>
    public static EventActivityBinder<UpgradeState, T> ContinueWith<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure, State phase)
        where T : class => binder
            .CancelTimers(machine)
            .Then(context =>
            {
                context.Saga.Phase = phase.Name;
                context.Saga.Pending = null;
            })
            .IfElse(
                static context => context.Saga.PauseRequested,
                paused => paused.PauseAt(machine, null, Waits.PauseReason),
                go => go.IfElse(
                    static context => context.Saga.GateAhead() is not null,
                    gated => gated.WaitAtGate(machine),
                    open => open.EnterPhase(machine, procedure, phase)));

    /// <summary>Goes on with the next step of the phase, unless a pause was asked for; after it <paramref name="resumeAt"/> is done first where what it proved may have changed.</summary>
    public static EventActivityBinder<UpgradeState, T> Next<T>(
        this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure, string step, string? resumeAt = null)
        where T : class => binder.IfElse(
            static context => context.Saga.PauseRequested,
            paused => paused.PauseAt(machine, resumeAt ?? step, Waits.PauseReason),
            go => go.BeginStep(machine, procedure, step));

    public static EventActivityBinder<UpgradeState, T> BeginStep<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure, string step)
        where T : class => binder.BeginStep(machine, procedure, _ => step);

    /// <summary>Takes up the phase that a gate or a pause stood before.</summary>
    public static EventActivityBinder<UpgradeState, T> GoOn<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure)
        where T : class => machine.Running.Aggregate(
            (Func<EventActivityBinder<UpgradeState, T>, EventActivityBinder<UpgradeState, T>>)(static rest => rest),
            (others, phase) => rest => rest.IfElse(
                context => context.Saga.Phase == phase.Name,
                here => here.EnterPhase(machine, procedure, phase),
                elsewhere => others(elsewhere)))(binder);

    /// <summary>Begins what comes before a shift: carrying run-time state where the spec wants it, otherwise the look at both fences at once.</summary>
    public static EventActivityBinder<UpgradeState, T> PrepareShift<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure)
        where T : class => binder.IfElse(
            static context => context.Saga.Spec.RuntimeState is { CarryCounters: true } or { CarryTokens: true },
            carry => carry.Next(machine, procedure, StepNames.CarryRuntimeState),
            verify => verify.Next(machine, procedure, StepNames.VerifyFreeze));

    /// <summary>Tries the way back before the first step where the spec wants it, otherwise shifts at once.</summary>
    public static EventActivityBinder<UpgradeState, T> DrillOrShift<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure)
        where T : class => binder.IfElse(
            static context => context.Saga is { Drilled: false, TrafficStep: 0, Spec.Traffic.Drill: true },
            drill => drill.Next(machine, procedure, StepNames.DrillTraffic),
            shift => shift.Shift(machine, procedure));

    /// <summary>Shifts at once, or begins the watch under which a ramp may go on.</summary>
    public static EventActivityBinder<UpgradeState, T> Shift<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure)
        where T : class => binder.IfElse(
            static context => context.Saga.Spec.Traffic.IsRamped(context.Saga.TrafficStep),
            ramp => ramp.Next(machine, procedure, StepNames.WatchRamp, resumeAt: StepNames.VerifyFreeze),
            jump => jump.Next(machine, procedure, StepNames.ShiftTraffic));

    /// <summary>Begins the next traffic step, or the soak after the last.</summary>
    public static EventActivityBinder<UpgradeState, T> AdvanceTraffic<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure)
        where T : class => binder
            .CancelTimers(machine)
            .IfElse(
                static context => context.Saga.TrafficStep + 1 < context.Saga.Spec.Traffic.Steps.Count,
                more => more.Then(static context => context.Saga.TrafficStep++).PrepareShift(machine, procedure),
                last => last.ContinueWith(machine, procedure, machine.Soak));

    /// <summary>The dwell is over but the judgement is not: more time is given, up to the spec's limit.</summary>
    public static EventActivityBinder<UpgradeState, T> AwaitVerdict<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine)
        where T : class => binder.Schedule(
            machine.DecisionDeadline,
            static context => new DecisionDeadlineElapsed { UpgradeId = context.Saga.CorrelationId },
            static context => context.Saga.Spec.Traffic.DecideWithin);

    /// <summary>All traffic back to X in a new epoch: nothing that was sent before can take effect any more.</summary>
    public static EventActivityBinder<UpgradeState, T> BeginRollback<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure)
        where T : class => binder
            .CancelTimers(machine)
            .Unschedule(machine.WaitDeadline)
            .ThenAsync(static async context =>
            {
                var saga = context.Saga;
                saga.Epoch++;
                saga.WaitDeadline = null;
                saga.PauseRequested = false;
                saga.PauseReason = null;
                saga.SplitForeign = false;
                saga.OverForeign = false;
                await context.EndLaneAsync(StepLanes.Watch);
                await context.EndLaneAsync(StepLanes.Guard);
                await context.AppendAsync(
                    TimelineKinds.RollbackStarted, StepSending.CoordinatorActor, $"Rolling back: {saga.Failure?.Message ?? "no reason recorded"}", saga.Failure);
            })
            .TransitionTo(machine.RollingBack)
            .IfElse(
                static context => context.Saga.TrafficPrepared,
                traffic => traffic.BeginStep(machine, procedure, StepNames.RestoreTraffic),
                untouched => untouched.IfElse(
                    static context => context.Saga.FenceTouched,
                    fence => fence.BeginStep(machine, procedure, StepNames.LiftFences),
                    nothing => nothing.IfElse(static context => context.Saga.AbortRequested, x => x.TransitionTo(machine.Aborted), x => x.TransitionTo(machine.Failed))));

    /// <summary>Begins an ended upgrade over, in a new epoch, unless another one has taken its cluster.</summary>
    public static EventActivityBinder<UpgradeState, RetryUpgrade> BeginAgain(this EventActivityBinder<UpgradeState, RetryUpgrade> binder, UpgradeStateMachine machine, UpgradeProcedure procedure) => binder
        .ThenAsync(static async context =>
        {
            var answer = new ClusterLockAnswer(await ClusterLocks.TryTakeAsync(context, context.Saga.Spec.Cluster, context.Saga.CorrelationId));
            context.AddOrUpdatePayload(() => answer, _ => answer);
        })
        .IfElse(
            static context => context.GetPayload<ClusterLockAnswer>().Holder is not null,
            taken => taken.Refuse(static saga => Operators.DoesNotFit(saga)),
            free => free.Then(static context => context.Saga.Overrides = []).Override().Then(static context => context.Saga.StartOver()).Accept().EnterPhase(machine, procedure, machine.Preflight));

    public static EventActivityBinder<UpgradeState, T> CancelTimers<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine)
        where T : class => binder
            .Unschedule(machine.StepDeadline).Unschedule(machine.RetryDelay).Unschedule(machine.Dwell).Unschedule(machine.DecisionDeadline);

    private static EventActivityBinder<UpgradeState, T> BeginStep<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure, Func<UpgradeState, string> step)
        where T : class => binder
            .ThenAsync(context => context.BeginAsync(procedure, step(context.Saga)))
            .If(static context => context.Saga.Main.IsOpen, open => open.Schedule(
                machine.StepDeadline,
                static context => new StepDeadlineElapsed { UpgradeId = context.Saga.CorrelationId },
                _ => procedure.Options.AgentWait))
            .If(static context => context.Saga.IsDwelling() || context.Saga.Main.Name == StepNames.AfterWatch, dwell => dwell.Schedule(
                machine.Dwell,
                static context => new DwellElapsed { UpgradeId = context.Saga.CorrelationId },
                static context => context.Saga.DwellTime()))
            .If(static context => context.Saga.Main is { Name: StepNames.EstablishWatch, IsOpen: false }, watch => watch.Schedule(
                machine.DecisionDeadline,
                static context => new DecisionDeadlineElapsed { UpgradeId = context.Saga.CorrelationId },
                _ => procedure.Options.AgentWait))
            .If(RampBehaviors.IsAwaitingWatch, ramp => ramp.AwaitVerdict(machine));
}

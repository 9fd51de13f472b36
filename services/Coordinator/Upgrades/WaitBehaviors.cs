using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.Coordinator.Leases;
using KongUpgradeMesh.Coordinator.Timeline;
using KongUpgradeMesh.Coordinator.Upgrades.Messages;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>The verbs about waiting for people: gates and pauses, each with a deadline.</summary>
internal static class WaitBehaviors
{
    /// <summary>The undecided gate before the phase the upgrade is about to enter; null when there is none.</summary>
    public static GateSpec? GateAhead(this UpgradeState saga) =>
        saga.OpenedGate == saga.Phase ? null : saga.Spec.Gates.FirstOrDefault(g => g.Before == saga.Phase);

    public static EventActivityBinder<UpgradeState, T> WaitAtGate<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine)
        where T : class => binder
            .ThenAsync(static async context =>
            {
                var saga = context.Saga;
                var gate = saga.GateAhead()!;
                saga.WaitDeadline = context.Clock().GetUtcNow() + gate.Deadline;
                var outcome = gate.OnDeadline == GateOutcome.Proceed ? "goes on" : "rolls back";
                await context.AppendAsync(
                    TimelineKinds.GateWaiting, StepSending.CoordinatorActor, $"Gate before {saga.Phase}: waits for approval until {saga.WaitDeadline:u}, then {outcome}", gate);
                await context.Publish(context.PausedEvent($"gate before {saga.Phase}"));
            })
            .Schedule(
                machine.WaitDeadline,
                static context => new WaitDeadlineElapsed { UpgradeId = context.Saga.CorrelationId },
                static context => context.Saga.GateAhead()!.Deadline)
            .TransitionTo(machine.Gate);

    public static EventActivityBinder<UpgradeState, ApproveGate> OpenGate(this EventActivityBinder<UpgradeState, ApproveGate> binder) =>
        binder.ThenAsync(static context => context.OpenGateAsync(context.Message.Actor, $"Gate before {context.Saga.Phase} approved"));

    public static EventActivityBinder<UpgradeState, WaitDeadlineElapsed> ExpireGate(this EventActivityBinder<UpgradeState, WaitDeadlineElapsed> binder, UpgradeStateMachine machine, UpgradeProcedure procedure) =>
        binder.IfElse(
            static context => context.Saga.GateAhead()?.OnDeadline == GateOutcome.Proceed,
            proceed => proceed
                .ThenAsync(static context => context.OpenGateAsync(StepSending.CoordinatorActor, $"Gate before {context.Saga.Phase} goes on by its deadline"))
                .GoOn(machine, procedure),
            stop => stop.IfElse(
                static context => context.Saga.PastNoReturn,
                stuck => stuck.Fail(Waits.GateExpired).Alert().ExtendPause(machine),
                back => back.Fail(Waits.GateExpired).BeginRollback(machine, procedure)));

    /// <summary>Pauses where the run stands; whatever step is open is void and will be sent anew.</summary>
    public static EventActivityBinder<UpgradeState, T> PauseFor<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, Func<UpgradeState, string> reason)
        where T : class => binder.PauseAt(machine, RampBehaviors.ResumePoint, reason);

    /// <summary>Pauses before <paramref name="pending"/>; null pauses before the phase begins.</summary>
    public static EventActivityBinder<UpgradeState, T> PauseAt<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, string? pending, Func<UpgradeState, string> reason)
        where T : class => binder.PauseAt(machine, _ => pending, reason);

    public static EventActivityBinder<UpgradeState, T> ExtendPause<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine)
        where T : class => binder
            .Then(static context => context.Saga.WaitDeadline = context.Clock().GetUtcNow() + context.PauseLimit())
            .Schedule(
                machine.WaitDeadline,
                static context => new WaitDeadlineElapsed { UpgradeId = context.Saga.CorrelationId },
                static context => context.PauseLimit());

    public static EventActivityBinder<UpgradeState, T> Resume<T>(this EventActivityBinder<UpgradeState, T> binder)
        where T : class, IOperatorCommand => binder.ThenAsync(static context =>
        {
            context.Saga.WaitDeadline = null;
            return context.AppendAsync(TimelineKinds.Resumed, context.Message.Actor, WithReason("Resumed", context.Message.Reason));
        });

    public static string WithReason(string sentence, string reason) => reason.Length == 0 ? sentence : $"{sentence}: {reason}";

    private static EventActivityBinder<UpgradeState, T> PauseAt<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, Func<UpgradeState, string?> pending, Func<UpgradeState, string> reason)
        where T : class => binder
            .CancelTimers(machine)
            .ThenAsync(async context =>
            {
                var saga = context.Saga;
                saga.Pending = pending(saga);
                saga.PauseRequested = false;
                await context.RevokeRampAsync();
                saga.Main = saga.Main with { IsOpen = false };
                saga.WaitDeadline = context.Clock().GetUtcNow() + context.PauseLimit();
                await LeaseWriting.CloseAsync(context, StepLanes.Main);
                var why = reason(saga);
                saga.PauseReason = null;
                await context.AppendAsync(TimelineKinds.Paused, StepSending.CoordinatorActor, $"Paused: {why}");
                await context.Publish(context.PausedEvent(why));
            })
            .Schedule(
                machine.WaitDeadline,
                static context => new WaitDeadlineElapsed { UpgradeId = context.Saga.CorrelationId },
                static context => context.PauseLimit())
            .TransitionTo(machine.Paused);

    private static Task OpenGateAsync(this BehaviorContext<UpgradeState> context, string actor, string sentence)
    {
        context.Saga.OpenedGate = context.Saga.Phase;
        context.Saga.WaitDeadline = null;
        return context.AppendAsync(TimelineKinds.GateDecided, actor, sentence);
    }

    private static TimeSpan PauseLimit(this BehaviorContext<UpgradeState> context) =>
        context.GetPayload<IServiceProvider>().GetRequiredService<UpgradeProcedure>().Options.PauseLimit;

    private static UpgradePaused PausedEvent(this BehaviorContext<UpgradeState> context, string reason) => new()
    {
        RequestId = context.Saga.RequestId,
        At = context.Clock().GetUtcNow(),
        UpgradeId = context.Saga.CorrelationId,
        Cluster = context.Saga.Spec.Cluster,
        Reason = reason,
        Deadline = context.Saga.WaitDeadline,
    };
}

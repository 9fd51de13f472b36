using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.Coordinator.Timeline;
using MassTransit;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>The verbs about people's commands: every one is answered.</summary>
internal static class OperatorBehaviors
{
    /// <summary>Says that the command is carried out, and who asked.</summary>
    public static EventActivityBinder<UpgradeState, T> Accept<T>(this EventActivityBinder<UpgradeState, T> binder)
        where T : class, IOperatorCommand => binder.ThenAsync(static async context =>
        {
            await context.AppendAsync(
                TimelineKinds.Operator, context.Message.Actor, WaitBehaviors.WithReason($"Asked for {typeof(T).Name}", context.Message.Reason));
            await Operators.AnswerAsync(context, Answer(context.Saga, null));
        });

    /// <summary>Says why the command is not carried out; nothing changes.</summary>
    public static EventActivityBinder<UpgradeState, T> Refuse<T>(this EventActivityBinder<UpgradeState, T> binder, Func<UpgradeState, Failure> why)
        where T : class, IOperatorCommand => binder.ThenAsync(context => Operators.AnswerAsync(context, Answer(context.Saga, why(context.Saga))));

    /// <summary>Says why this very command is not carried out; nothing changes.</summary>
    public static EventActivityBinder<UpgradeState, T> Refuse<T>(this EventActivityBinder<UpgradeState, T> binder, Func<UpgradeState, T, Failure> why)
        where T : class, IOperatorCommand => binder.ThenAsync(context => Operators.AnswerAsync(context, Answer(context.Saga, why(context.Saga, context.Message))));

    /// <summary>Goes on after a pause, unless something failed that the command does not override.</summary>
    public static EventActivityBinder<UpgradeState, T> TakeUp<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure)
        where T : class, IOverridingCommand => binder.IfElse(
            OverrideBehaviors.IsRefused,
            refused => refused.Refuse(static (saga, command) => Overrides.RefusalOf(saga, command)!),
            accepted => accepted.Override().Resume().Accept().RenewGuard().TakeSplitBack(machine).IfElse(
                // A pause before a phase may have been asked for while its gate was due: the gate is still to be asked.
                static context => context.Saga.Pending is null && context.Saga.GateAhead() is not null,
                gated => gated.WaitAtGate(machine),
                open => open.GoOn(machine, procedure)));

    /// <summary>Notes that the run is to stop before its next step.</summary>
    public static EventActivityBinder<UpgradeState, PauseUpgrade> RequestPause(this EventActivityBinder<UpgradeState, PauseUpgrade> binder) =>
        binder.Then(static context => context.Saga.PauseRequested = true);

    public static EventActivityBinder<UpgradeState, AbortUpgrade> RequestAbort(this EventActivityBinder<UpgradeState, AbortUpgrade> binder) =>
        binder.Then(static context => context.Saga.AbortRequested = true);

    private static OperatorCommandAnswered Answer(UpgradeState saga, Failure? failure) =>
        new() { UpgradeId = saga.CorrelationId, Accepted = failure is null, State = saga.CurrentState, Failure = failure };
}

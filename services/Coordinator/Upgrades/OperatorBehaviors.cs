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

    /// <summary>Notes that the run is to stop before its next step.</summary>
    public static EventActivityBinder<UpgradeState, PauseUpgrade> RequestPause(this EventActivityBinder<UpgradeState, PauseUpgrade> binder) =>
        binder.Then(static context => context.Saga.PauseRequested = true);

    public static EventActivityBinder<UpgradeState, AbortUpgrade> RequestAbort(this EventActivityBinder<UpgradeState, AbortUpgrade> binder) =>
        binder.Then(static context => context.Saga.AbortRequested = true);

    private static OperatorCommandAnswered Answer(UpgradeState saga, Failure? failure) =>
        new() { UpgradeId = saga.CorrelationId, Accepted = failure is null, State = saga.CurrentState, Failure = failure };
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Coordinator.Timeline;
using MassTransit;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>The verbs about splits that are not, or no longer, what the run has set.</summary>
internal static class IncidentBehaviors
{
    private const int MostRemembered = 50;

    /// <summary>Writes the story down; what the load balancer reported is what counts from now on.</summary>
    public static EventActivityBinder<UpgradeState, TrafficIncident> RecordIncident(this EventActivityBinder<UpgradeState, TrafficIncident> binder) => binder.ThenAsync(static context =>
    {
        var (saga, incident) = (context.Saga, context.Message);
        var answer = new IncidentAnswer(Incidents.IsToBeAnswered(saga, incident) ? incident.Kind : null);
        context.AddOrUpdatePayload(() => answer, _ => answer);
        if (answer.Kind is not null)
        {
            saga.AnsweredIncidents = [.. saga.AnsweredIncidents.TakeLast(MostRemembered - 1), incident.At];
            saga.WeightY = incident.Split?.WeightY ?? saga.WeightY;
        }

        return context.AppendAsync(
            TimelineKinds.TrafficIncident, incident.Agent, Incidents.SentenceOf(incident),
            new { incident.Kind, incident.At, incident.Took, incident.Split, incident.Step.Epoch, Step = incident.Step.Name, incident.Step.Sequence });
    });

    /// <summary>A step towards Y that found somebody else's split: nothing was changed, and a person decides.</summary>
    public static bool HasMetForeignSplit(BehaviorContext<UpgradeState, StepFailed> context) =>
        context.Saga.Main.Name is StepNames.DrillTraffic or StepNames.ShiftTraffic && context.Message.Failure.Code == FailureCodes.SplitForeign;

    /// <summary>Leaves a foreign split as it was found and stops; the way on leads over putting ours back.</summary>
    public static EventActivityBinder<UpgradeState, T> LeaveSplit<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine)
        where T : class => binder
            .Then(static context => (context.Saga.SplitForeign, context.Saga.OverForeign) = (true, false))
            .IfElse(
                // An approval given before the change must not lead past it: the gate is asked again afterwards.
                static context => context.Saga.CurrentState == nameof(UpgradeStateMachine.Gate),
                gated => gated.PauseAt(machine, null, static saga => saga.Failure!.Message),
                other => other.StopShifting(machine));

    /// <summary>Nothing shifts until a person has looked: at once between two steps, after the step that is at work otherwise.</summary>
    public static EventActivityBinder<UpgradeState, T> StopShifting<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine)
        where T : class => binder.IfElse(
            static context => context.Saga.CurrentState is nameof(UpgradeStateMachine.Gate) or nameof(UpgradeStateMachine.Paused),
            waiting => waiting,
            running => running.IfElse(
                static context => context.Saga.Main.IsOpen && !context.Saga.IsRamping() && !HasFailed(context),
                busy => busy.Then(static context => (context.Saga.PauseRequested, context.Saga.PauseReason) = (true, context.Saga.Failure!.Message)),
                between => between.PauseFor(machine, static saga => saga.Failure!.Message)));

    /// <summary>After a foreign change the run goes on with the traffic step it stood at: fences verified, then our split in place of the other.</summary>
    public static EventActivityBinder<UpgradeState, T> TakeSplitBack<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine)
        where T : class => binder.Then(context =>
        {
            var saga = context.Saga;
            if (saga is { SplitForeign: true, TrafficTouched: true, PastNoReturn: false })
            {
                // A gate that was opened on the way there is asked again.
                (saga.Phase, saga.Pending, saga.OverForeign, saga.OpenedGate) = (machine.Shift.Name, StepNames.VerifyFreeze, true, null);
            }
        });

    private static bool HasFailed<T>(BehaviorContext<UpgradeState, T> context)
        where T : class => context.Message is StepFailed;
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.Coordinator.Intake;
using KongUpgradeMesh.Coordinator.Leases;
using KongUpgradeMesh.Coordinator.Timeline;
using KongUpgradeMesh.Coordinator.Upgrades.Messages;
using MassTransit;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>The verbs about what went wrong and about the end.</summary>
internal static class EndBehaviors
{
    /// <summary>Keeps why the run cannot go on as it did.</summary>
    public static EventActivityBinder<UpgradeState, T> Fail<T>(this EventActivityBinder<UpgradeState, T> binder, Func<UpgradeState, T, Failure> why)
        where T : class => binder.Then(context => context.Saga.Failure = why(context.Saga, context.Message));

    /// <summary>Tells people about the failure that was kept; the state of the run does not change by it.</summary>
    public static EventActivityBinder<UpgradeState, T> Alert<T>(this EventActivityBinder<UpgradeState, T> binder)
        where T : class => binder.ThenAsync(static async context =>
        {
            var saga = context.Saga;
            if (saga.Failure is not { } failure)
            {
                return;
            }

            await context.AlertAsync(failure);
        });

    /// <summary>Tells people about something that does not become the reason of the run's end.</summary>
    public static EventActivityBinder<UpgradeState, T> Alert<T>(this EventActivityBinder<UpgradeState, T> binder, Func<UpgradeState, T, Failure> what)
        where T : class => binder.ThenAsync(context => context.AlertAsync(what(context.Saga, context.Message)));

    public static EventActivityBinder<UpgradeState, DwellElapsed> EndDwell(this EventActivityBinder<UpgradeState, DwellElapsed> binder) =>
        binder.Then(static context => context.Saga.DwellOver = true);

    public static EventActivityBinder<UpgradeState, DwellElapsed> EndWatch(this EventActivityBinder<UpgradeState, DwellElapsed> binder) =>
        binder.ThenAsync(static context => context.AppendAsync(
            TimelineKinds.StepCompleted, StepSending.CoordinatorActor, $"The watch after the end is over; cluster Y was last judged as {context.Saga.Verdict?.ToString() ?? "nothing yet"}"));

    /// <summary>What always happens at the end: watch ended, leases closed, cluster freed, everybody told.</summary>
    public static EventActivityBinder<UpgradeState> End(this EventActivityBinder<UpgradeState> binder) => binder.ThenAsync(static async context =>
    {
        var saga = context.Saga;
        saga.EndedAt = context.Clock().GetUtcNow();
        saga.WaitDeadline = null;
        saga.PauseRequested = false;
        saga.Main = saga.Main with { IsOpen = false };
        await LeaseWriting.CloseAsync(context, StepLanes.Main);
        await context.EndLaneAsync(StepLanes.Watch);
        await context.EndLaneAsync(StepLanes.Guard);
        await ClusterLocks.ReleaseAsync(context, saga.CorrelationId);
        if (saga.TrafficPrepared)
        {
            await context.ReleaseTrafficAsync();
        }

        await context.AppendAsync(TimelineKinds.Ended, StepSending.CoordinatorActor, SentenceOf(saga), new { saga.CurrentState, saga.WeightY, saga.RefusedWrites, saga.Failure, saga.Overrides, saga.Alerts });
        await context.Publish(EventOf(saga), context.CancellationToken);
    });

    /// <summary>Tells people and other systems; in the timeline too.</summary>
    public static async Task AlertAsync(this BehaviorContext<UpgradeState> context, Failure failure, IReadOnlyList<VerdictFinding>? findings = null)
    {
        var saga = context.Saga;
        await context.AppendAsync(TimelineKinds.Alert, StepSending.CoordinatorActor, failure.Message, findings is null ? failure : new { failure.Code, failure.Message, failure.Remedy, findings });
        await context.Publish(new UpgradeAlerted
        {
            RequestId = saga.RequestId, At = context.Clock().GetUtcNow(), UpgradeId = saga.CorrelationId, Cluster = saga.Spec.Cluster, Failure = failure,
            Findings = findings ?? [],
        });
    }

    private static string SentenceOf(UpgradeState saga) => saga.CurrentState switch
    {
        nameof(UpgradeStateMachine.Completed) => "Completed: cluster Y carries all traffic and accepts writes, cluster X is gone"
            + (saga.Alerts.Count > 0 ? $"; alerted meanwhile: {string.Join(" ", saga.Alerts.Select(static f => $"{FindingRef.Of(f)}: {f.Message}"))}" : ""),
        nameof(UpgradeStateMachine.RolledBack) => $"Rolled back: cluster X carries all traffic and accepts writes ({saga.Failure?.Message})",
        nameof(UpgradeStateMachine.Aborted) => "Aborted: cluster X carries all traffic and accepts writes",
        _ => $"Failed before any traffic moved: {saga.Failure?.Message}",
    };

    private static object EventOf(UpgradeState saga)
    {
        var at = saga.EndedAt!.Value;
        var failure = saga.Failure ?? new Failure { Code = FailureCodes.Unexpected, Message = "No reason was recorded.", Remedy = $"kum timeline {saga.CorrelationId}" };
        return saga.CurrentState switch
        {
            nameof(UpgradeStateMachine.Completed) => new UpgradeCompleted
            {
                RequestId = saga.RequestId, At = at, UpgradeId = saga.CorrelationId, Cluster = saga.Spec.Cluster, Findings = saga.Alerts,
            },
            nameof(UpgradeStateMachine.RolledBack) => new UpgradeRolledBack { RequestId = saga.RequestId, At = at, UpgradeId = saga.CorrelationId, Cluster = saga.Spec.Cluster, Failure = failure },
            nameof(UpgradeStateMachine.Aborted) => new UpgradeAborted { RequestId = saga.RequestId, At = at, UpgradeId = saga.CorrelationId, Cluster = saga.Spec.Cluster, Reason = failure.Message },
            _ => new UpgradeFailed { RequestId = saga.RequestId, At = at, UpgradeId = saga.CorrelationId, Cluster = saga.Spec.Cluster, Failure = failure },
        };
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Coordinator.Leases;
using KongUpgradeMesh.Coordinator.Timeline;
using KongUpgradeMesh.Coordinator.Upgrades.Messages;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>The verbs about steps at work: taken, silent, ended, failed, sent again.</summary>
internal static class StepBehaviors
{
    /// <summary>Failures that say that the frozen configurations can no longer be trusted.</summary>
    private static readonly string[] Tainting = [FailureCodes.FenceNotHolding, FailureCodes.ConfigurationDrifted];

    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromMinutes(1);

    /// <summary>Records the end of the open step; a late attempt of it can say nothing any more.</summary>
    public static EventActivityBinder<UpgradeState, T> CompleteStep<T>(this EventActivityBinder<UpgradeState, T> binder, Func<UpgradeState, T, string> record)
        where T : class, IStepEvent => binder.ThenAsync(async context =>
        {
            var saga = context.Saga;
            var name = saga.Main.Name;
            saga.Main = saga.Main with { IsOpen = false };
            var sentence = record(saga, context.Message);
            await LeaseWriting.CloseAsync(context, StepLanes.Main);
            await context.AppendAsync(KindOf(name), context.Message.Agent, sentence, Facts(context.Message));
        });

    public static EventActivityBinder<UpgradeState, StepAccepted> RecordAcceptance(this EventActivityBinder<UpgradeState, StepAccepted> binder, UpgradeStateMachine machine) => binder
        .RecordWatchAcceptance()
        .Schedule(
            machine.StepDeadline,
            static context => new StepDeadlineElapsed { UpgradeId = context.Saga.CorrelationId },
            static context => context.GetStepTimeout());

    public static EventActivityBinder<UpgradeState, StepAccepted> RecordWatchAcceptance(this EventActivityBinder<UpgradeState, StepAccepted> binder) => binder.ThenAsync(static async context =>
    {
        await LeaseWriting.ConfirmAsync(context, context.Message);
        await context.AppendAsync(
            TimelineKinds.StepAccepted, context.Message.Agent, $"Took {context.Message.Step.Name}",
            new { context.Message.Step.Name, context.Message.Step.Lane, context.Message.Step.Attempt });
    });

    public static EventActivityBinder<UpgradeState, StepSilent> RecordSilence(this EventActivityBinder<UpgradeState, StepSilent> binder) =>
        binder.ThenAsync(static context => context.AppendAsync(
            TimelineKinds.StepSilent, StepSending.CoordinatorActor, $"{context.Message.Step.Name}: {context.Message.Reason}",
            new { context.Message.Step.Name, context.Message.Step.Lane, context.Message.Step.Attempt }));

    public static EventActivityBinder<UpgradeState, StepFailed> RecordFailure(this EventActivityBinder<UpgradeState, StepFailed> binder) => binder.ThenAsync(static async context =>
    {
        var saga = context.Saga;
        var failed = context.Message;
        // While rolling back the reason of the rollback is what counts; that a try failed is in the timeline.
        saga.Failure = saga.CurrentState == nameof(UpgradeStateMachine.RollingBack) ? saga.Failure ?? failed.Failure : failed.Failure;
        var cursor = saga.CursorOf(failed.Step.Lane);
        saga.SetCursor(failed.Step.Lane, cursor with { Failures = cursor.Failures + 1 });
        if (failed.Step.Lane == StepLanes.Watch)
        {
            saga.Verdict = null; // What a watch said that has ended is no ground to go on.
        }

        await context.AppendAsync(
            TimelineKinds.StepFailed, failed.Agent, $"{failed.Step.Name} failed: {failed.Failure.Message}",
            new { failed.Step.Name, failed.Step.Lane, failed.Step.Attempt, failed.Failure });
    });

    /// <summary>What follows a failed step: another try, a pause for a person, or the way back.</summary>
    public static EventActivityBinder<UpgradeState, StepFailed> Recover(this EventActivityBinder<UpgradeState, StepFailed> binder, UpgradeStateMachine machine, UpgradeProcedure procedure) => binder
        .IfElse(
            context => context.Message.Failure.IsTransient && context.Saga.Main.Failures < procedure.Options.Attempts,
            passing => passing.RetryLater(machine, procedure),
            final => final.IfElse(
                static context => Tainting.Contains(context.Message.Failure.Code),
                tainted => tainted.Taint().PauseFor(machine, static saga => saga.Failure!.Message),
                other => other.IfElse(
                    IncidentBehaviors.HasMetForeignSplit,
                    foreign => foreign.Alert().LeaveSplit(machine),
                    rest => rest.IfElse(
                        static context => context.Saga.PastNoReturn,
                        stuck => stuck.Alert().PauseFor(machine, static saga => saga.Failure!.Message),
                        reversible => reversible.BeginRollback(machine, procedure)))));

    /// <summary>What follows when the judgement itself failed: another try, or nobody moves until a person has looked.</summary>
    public static EventActivityBinder<UpgradeState, StepFailed> RecoverWatch(this EventActivityBinder<UpgradeState, StepFailed> binder, UpgradeStateMachine machine, UpgradeProcedure procedure) => binder
        .IfElse(
            context => context.Saga.PastNoReturn || (context.Message.Failure.IsTransient && context.Saga.Watch.Failures < procedure.Options.Attempts),
            passing => passing.AlertBlindness().RetryWatchLater(machine, procedure),
            final => final.IfElse(
                static context => context.Saga.CurrentState is nameof(UpgradeStateMachine.Gate) or nameof(UpgradeStateMachine.Paused),
                waiting => waiting.Alert(),
                running => running.IfElse(
                    static context => context.Saga.WeightY == 0,
                    unmoved => unmoved.BeginRollback(machine, procedure),
                    moved => moved.PauseFor(machine, static saga => saga.Failure!.Message))));

    /// <summary>Waits a little, longer each time, and sends the step again.</summary>
    public static EventActivityBinder<UpgradeState, StepFailed> RetryLater(this EventActivityBinder<UpgradeState, StepFailed> binder, UpgradeStateMachine machine, UpgradeProcedure procedure) =>
        binder.Schedule(
            machine.RetryDelay,
            static context => new RetryDelayElapsed { UpgradeId = context.Saga.CorrelationId },
            context => context.Message.Failure.RetryAfter ?? Backoff(procedure.Options.RetryDelay, context.Saga.Main.Failures));

    public static EventActivityBinder<UpgradeState, StepFailed> RetryWatchLater(this EventActivityBinder<UpgradeState, StepFailed> binder, UpgradeStateMachine machine, UpgradeProcedure procedure) =>
        binder.Schedule(
            machine.WatchRetry,
            static context => new WatchRetryElapsed { UpgradeId = context.Saga.CorrelationId },
            context => context.Message.Failure.RetryAfter ?? Backoff(procedure.Options.RetryDelay, context.Saga.Watch.Failures));

    /// <summary>What follows when a fence does not hold or cannot be looked at: nothing shifts until a person has decided.</summary>
    public static EventActivityBinder<UpgradeState, StepFailed> RecoverGuard(this EventActivityBinder<UpgradeState, StepFailed> binder, UpgradeStateMachine machine, UpgradeProcedure procedure) => binder
        .IfElse(
            context => context.Message.Failure.IsTransient && context.Saga.Guard.Failures < procedure.Options.Attempts,
            passing => passing.Schedule(
                machine.GuardRetry,
                static context => new GuardRetryElapsed { UpgradeId = context.Saga.CorrelationId },
                context => context.Message.Failure.RetryAfter ?? Backoff(procedure.Options.RetryDelay, context.Saga.Guard.Failures)),
            final => final
                .ThenAsync(static context => context.EndLaneAsync(StepLanes.Guard))
                .If(static context => Tainting.Contains(context.Message.Failure.Code), tainted => tainted.Taint())
                .Alert()
                .IfElse(
                    static context => context.Saga.PastNoReturn || context.Saga.CurrentState is nameof(UpgradeStateMachine.Gate) or nameof(UpgradeStateMachine.Paused),
                    waiting => waiting,
                    running => running.IfElse(
                        static context => context.Saga.Main.IsOpen && !context.Saga.IsRamping(),
                        busy => busy.Then(static context => (context.Saga.PauseRequested, context.Saga.PauseReason) = (true, context.Message.Failure.Message)),
                        between => between.PauseFor(machine, static saga => saga.Failure!.Message))));

    public static EventActivityBinder<UpgradeState, T> SendAgain<T>(this EventActivityBinder<UpgradeState, T> binder, UpgradeStateMachine machine, UpgradeProcedure procedure)
        where T : class => binder.If(
            static context => context.Saga.Main.IsOpen,
            open => open
                .ThenAsync(context => context.SendStepAgainAsync(procedure))
                .Schedule(
                    machine.StepDeadline,
                    static context => new StepDeadlineElapsed { UpgradeId = context.Saga.CorrelationId },
                    _ => procedure.Options.AgentWait));

    /// <summary>Begins the watch again, unless the run has ended it meanwhile.</summary>
    public static EventActivityBinder<UpgradeState, T> SendWatchAgain<T>(this EventActivityBinder<UpgradeState, T> binder)
        where T : class => binder.If(static context => context.Saga.Watch.IsOpen, open => open.ThenAsync(static context => context.SendWatchAgainAsync()));

    /// <summary>Begins to look at the fences that stand now.</summary>
    public static EventActivityBinder<UpgradeState, T> BeginGuard<T>(this EventActivityBinder<UpgradeState, T> binder)
        where T : class => binder.ThenAsync(static context => context.SendGuardAsync());

    /// <summary>Takes the look at the fences up again where it had ended with a failure.</summary>
    public static EventActivityBinder<UpgradeState, T> RenewGuard<T>(this EventActivityBinder<UpgradeState, T> binder)
        where T : class => binder.If(
            static context => context.Saga is { FrozenX: not null, PastNoReturn: false, Guard.IsOpen: false },
            lapsed => lapsed.BeginGuard());

    public static EventActivityBinder<UpgradeState, T> SendGuardAgain<T>(this EventActivityBinder<UpgradeState, T> binder)
        where T : class => binder.If(static context => context.Saga.Guard.IsOpen, open => open.ThenAsync(static context => context.SendGuardAgainAsync()));

    public static EventActivityBinder<UpgradeState, FreezeGuarded> RecordGuard(this EventActivityBinder<UpgradeState, FreezeGuarded> binder) => binder.ThenAsync(static context =>
    {
        context.Saga.Guard = context.Saga.Guard with { Failures = 0 };
        return context.AppendAsync(
            TimelineKinds.StepCompleted, context.Message.Agent,
            $"The fence of cluster {string.Join(" and ", context.Message.Sides)} holds and is looked at every {context.Message.Interval.TotalSeconds:0.#} s");
    });

    public static EventActivityBinder<UpgradeState, WritesRefused> RecordRefusals(this EventActivityBinder<UpgradeState, WritesRefused> binder) => binder.ThenAsync(static context =>
    {
        var refused = context.Message;
        if (refused.Side == ClusterSide.X)
        {
            context.Saga.RefusedWrites = Math.Max(context.Saga.RefusedWrites, refused.Total);
        }

        return context.AppendAsync(
            TimelineKinds.WritesRefused, refused.Agent, $"{refused.Total} writes to cluster {refused.Side}'s configuration were refused{WhoOf(refused.Writers)}", new { refused.Side, refused.Total, refused.Writers });
    });

    public static EventActivityBinder<UpgradeState, WatchEstablished> RecordWatch(this EventActivityBinder<UpgradeState, WatchEstablished> binder) =>
        binder.ThenAsync(static context => context.AppendAsync(
            TimelineKinds.StepCompleted, context.Message.Agent, "Every required side is observed", new { context.Message.Facts }));

    /// <summary>Keeps the judgement; only a change of it is worth a timeline entry.</summary>
    public static EventActivityBinder<UpgradeState, VerdictReached> RecordVerdict(this EventActivityBinder<UpgradeState, VerdictReached> binder) => binder.ThenAsync(static async context =>
    {
        var verdict = context.Message;
        var isNew = context.Saga.Verdict != verdict.Verdict;
        context.Saga.Verdict = verdict.Verdict;
        if (isNew)
        {
            await context.AppendAsync(
                TimelineKinds.Verdict, verdict.Agent, SentenceOf(verdict),
                new { verdict.Verdict, verdict.TrafficStep, verdict.RequestsX, verdict.RequestsY, verdict.BreachFor, verdict.Findings });
        }

        if (context.Saga.PastNoReturn)
        {
            await context.AlertFindingsAsync(verdict.Findings);
        }
    });

    private static string KindOf(string step) => step switch
    {
        StepNames.ShiftTraffic or StepNames.RestoreTraffic => TimelineKinds.TrafficShifted,
        StepNames.DrillTraffic => TimelineKinds.TrafficDrilled,
        _ => TimelineKinds.StepCompleted,
    };

    private static string SentenceOf(VerdictReached verdict) => verdict.Verdict switch
    {
        Verdict.Passed => $"Cluster Y is as good as cluster X ({verdict.RequestsY} requests on Y)"
            + string.Concat(verdict.Findings.Where(static f => f.Override is not null).Select(static f => $"; overridden: {f.Message}")),
        Verdict.Failed => $"Cluster Y failed: {verdict.Findings.FirstOrDefault(static f => f is { Verdict: Verdict.Failed, Override: null })?.Message}",
        Verdict.Errored => $"It could not be measured: {verdict.Findings.FirstOrDefault(static f => f.Verdict == Verdict.Errored)?.Message}",
        _ => $"Not enough evidence yet ({verdict.RequestsY} requests on Y)",
    };

    private static string WhoOf(IReadOnlyList<RefusedWriter> writers) => writers.Count == 0
        ? ""
        : $", the latest of {writers[0].ApplicationName ?? "a session without a name"} (role {writers[0].Role ?? "dropped since"}, {writers[0].ClientAddress ?? "unix socket"}) on {writers[0].Table}";

    private static EventActivityBinder<UpgradeState, StepFailed> Taint(this EventActivityBinder<UpgradeState, StepFailed> binder) => binder.ThenAsync(static context =>
    {
        context.Saga.Tainted = true;
        return context.AppendAsync(
            TimelineKinds.Tainted, StepSending.CoordinatorActor, $"The run is tainted and shifts no more traffic: {context.Message.Failure.Message}", context.Message.Failure);
    });

    private static TimeSpan Backoff(TimeSpan first, int failures)
    {
        var delay = first * Math.Pow(2, Math.Min(failures - 1, 10));
        return delay < LongestRetryDelay ? delay : LongestRetryDelay;
    }

    // The agent ends the step itself when its time is up; the coordinator waits a little longer to hear of it.
    private static TimeSpan GetStepTimeout(this BehaviorContext<UpgradeState, StepAccepted> context)
    {
        var procedure = context.GetPayload<IServiceProvider>().GetRequiredService<UpgradeProcedure>();
        return procedure.CommandFor(context.Saga, context.Message.Step).Command.Timeout + TimeSpan.FromSeconds(30);
    }

    private static object Facts(IStepEvent stepEvent) => stepEvent switch
    {
        ConfigurationFrozen frozen => new { frozen.Fingerprint.Root, frozen.FencedTables, frozen.UnknownTables },
        BackupTaken taken => new { taken.BackupId, taken.Location, taken.ManifestDigest, taken.Bytes, taken.RestoreTested, taken.Fingerprint.Root, taken.Notes },
        Contracts.Deployment.DatabaseRestored restored => new { restored.DatabaseIdentity, restored.Fingerprint.Root },
        Contracts.Deployment.ClusterStarted started => new { started.Nodes, started.Fingerprint.Root },
        _ => stepEvent,
    };
}

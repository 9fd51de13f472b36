using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.Coordinator.Upgrades.Messages;
using MassTransit;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>The dual-cluster upgrade as a state machine; reads like the procedure.</summary>
/// <remarks>
/// Preflight → Freeze → Backup → Assess → Deploy → Stage → Shift (step by step) → Soak → Decommission → Unfreeze → AfterWatch → Completed.
/// <see cref="UpgradeProcedure"/> says what each step asks of which agent, <see cref="UpgradeBehaviors"/> what the verbs do.
/// Until Decommission every failure and every breach leads to RollingBack (a breach to Paused where the spec says so); after it there is no way back: the run pauses
/// at failures and alerts breaches.
/// </remarks>
public sealed class UpgradeStateMachine : MassTransitStateMachine<UpgradeState>
{
    public UpgradeStateMachine(UpgradeProcedure procedure)
    {
        InstanceState(static x => x.CurrentState);
        CorrelateEvents();
        DeclareTimers();

        Initially(
            When(Begin).OpenUpgrade().EnterPhase(this, procedure, Preflight));

        During(Preflight,
            When(PreflightPassed, IsCurrent).CompleteStep(RecordFacts.Preflight).Next(this, procedure, StepNames.PrepareMonitoring),
            When(MonitoringPrepared, IsCurrent).CompleteStep(RecordFacts.Readable).Next(this, procedure, StepNames.PrepareTraffic),
            When(TrafficPrepared, IsCurrent).CompleteStep(RecordFacts.Prepared).ContinueWith(this, procedure, Freeze));

        During(Freeze,
            When(ConfigurationFrozen, IsCurrent).CompleteStep(RecordFacts.Frozen).BeginGuard().ContinueWith(this, procedure, Backup));

        During(Backup,
            When(BackupTaken, IsCurrent).CompleteStep(RecordFacts.BackedUp).ContinueWith(this, procedure, Assess));

        During(Assess,
            When(UpgradeAssessed, IsCurrent).CompleteStep(RecordFacts.Assessed).ContinueWith(this, procedure, Deploy));

        During(Deploy,
            When(DatabaseRestored, IsCurrent).CompleteStep(RecordFacts.Restored).Next(this, procedure, StepNames.MigrateDatabase),
            When(DatabaseMigrated, IsCurrent).CompleteStep(RecordFacts.Migrated).Next(this, procedure, StepNames.StartCluster),
            When(ClusterStarted, IsCurrent).CompleteStep(RecordFacts.Started).BeginGuard().ContinueWith(this, procedure, Stage));

        During(Stage,
            When(StagingPassed, IsCurrent).CompleteStep(RecordFacts.Staged).ContinueWith(this, procedure, Shift));

        // Before each step Y learns what X has counted and both fences are verified; before the first the way back is tried as well.
        // A ramp grows only while a watch measures both clusters, and is held where it stands otherwise. After it the step dwells until it is over and judged as passed.
        During(Shift,
            When(WatchEstablished, IsCurrentWatch).RecordWatch().If(IsAwaitingWatch, x => x.Unschedule(DecisionDeadline).PrepareShift(this, procedure)),
            When(RuntimeStateCarried, IsCurrent).CompleteStep(RecordFacts.Carried).Next(this, procedure, StepNames.VerifyFreeze),
            When(FreezeVerified, IsCurrent).CompleteStep(RecordFacts.Verified).DrillOrShift(this, procedure),
            When(TrafficDrilled, IsCurrent).CompleteStep(RecordFacts.Drilled).Shift(this, procedure),
            When(TrafficShifted, IsCurrent).CompleteStep(RecordFacts.Shifted).Next(this, procedure, StepNames.Dwell),
            When(VerdictReached, IsCurrentAndNotFailed).RecordVerdict().LeadRamp(this, procedure).If(MayAdvance, x => x.AdvanceTraffic(this, procedure)),
            When(Dwell.Received).EndDwell().IfElse(MayAdvance, x => x.AdvanceTraffic(this, procedure), x => x.AwaitVerdict(this)),
            When(DecisionDeadline.Received).Fail(Verdicts.Undecided).PauseFor(this, static _ => Verdicts.UndecidedReason));

        During(Soak,
            When(WatchEstablished, IsCurrentWatch).RecordWatch(),
            When(VerdictReached, IsCurrentAndNotFailed).RecordVerdict().If(MayAdvance, x => x.ContinueWith(this, procedure, Decommission)),
            When(Dwell.Received).EndDwell().IfElse(MayAdvance, x => x.ContinueWith(this, procedure, Decommission), x => x.AwaitVerdict(this)),
            When(DecisionDeadline.Received).Fail(Verdicts.Undecided).PauseFor(this, static _ => Verdicts.UndecidedReason));

        // The point of no return lies between the last verification and the command that stops cluster X. Before it the traffic agent has said that
        // neither its reflex nor its dead-man switch leads back to X: a cut-off agent could not be told any more.
        During(Decommission,
            When(FreezeVerified, IsCurrent).CompleteStep(RecordFacts.Verified).Next(this, procedure, StepNames.CommitTraffic),
            When(TrafficCommitted, IsCurrent).CompleteStep(RecordFacts.Committed).Next(this, procedure, StepNames.DecommissionX, resumeAt: StepNames.CommitTraffic),
            When(ClusterDecommissioned, IsCurrent).CompleteStep(RecordFacts.Decommissioned).ContinueWith(this, procedure, Unfreeze),
            When(WatchEstablished, IsCurrentWatch).RecordWatch(),
            When(VerdictReached, IsCurrentAndNotFailed).RecordVerdict());

        During(Unfreeze,
            When(ConfigurationUnfrozen, IsCurrent).CompleteStep(RecordFacts.Unfrozen).ContinueWith(this, procedure, AfterWatch),
            When(WatchEstablished, IsCurrentWatch).RecordWatch(),
            When(VerdictReached, IsCurrentAndNotFailed).RecordVerdict());

        During(AfterWatch,
            When(WatchEstablished, IsCurrentWatch).RecordWatch(),
            When(VerdictReached, IsCurrentAndNotFailed).RecordVerdict(),
            When(Dwell.Received).EndWatch().TransitionTo(Completed));

        // Rolling back needs the load balancer alone and is tried for ever; the fences are lifted after the traffic is safe.
        During(RollingBack,
            When(TrafficRestored, IsCurrent).CompleteStep(RecordFacts.TrafficRestored).BeginStep(this, procedure, StepNames.LiftFences),
            When(ConfigurationUnfrozen, IsCurrent).CompleteStep(RecordFacts.Unfrozen)
                .IfElse(static x => x.Saga.AbortRequested, x => x.TransitionTo(Aborted),
                    x => x.IfElse(static y => y.Saga.TrafficTouched, y => y.TransitionTo(RolledBack), y => y.TransitionTo(Failed))),
            When(StepFailed, IsCurrent).RecordFailure().Alert().RetryLater(this, procedure),
            When(RollBack).Accept(),
            When(Abort).RequestAbort().Accept(),
            Ignore(VerdictReached), Ignore(WatchEstablished), Ignore(Dwell.Received), Ignore(DecisionDeadline.Received), Ignore(WaitDeadline.Received));

        During(Gate,
            When(Approve).OpenGate().Accept().RenewGuard().GoOn(this, procedure),
            When(WaitDeadline.Received).ExpireGate(this, procedure),
            When(WatchEstablished, IsCurrentWatch).RecordWatch(),
            When(VerdictReached, IsCurrentAndNotFailed).RecordVerdict());

        During(Paused,
            When(Resume).TakeUp(this, procedure),
            When(Retry).TakeUp(this, procedure),
            When(WaitDeadline.Received).IfElse(MayReturn, x => x.Fail(Waits.PauseExpired).BeginRollback(this, procedure), x => x.Alert().ExtendPause(this)),
            When(WatchEstablished, IsCurrentWatch).RecordWatch(),
            When(VerdictReached, IsCurrentAndNotFailed).RecordVerdict());

        // A breach is handled wherever the run stands, also at a gate and while paused.
        foreach (var state in Running.Append(Gate).Append(Paused))
        {
            During(state,
                When(VerdictReached, IsCurrentAndFailed).RecordVerdict().If(MayReturn, x => x.LatchFailure()
                    .IfElse(OverrideBehaviors.PausesOnFailed, y => y.WaitForOverride(this), y => y.BeginRollback(this, procedure))),
                When(RollBack).IfElse(MayReturn, x => x.Fail(Operators.RolledBack).Accept().BeginRollback(this, procedure), x => x.Refuse(Operators.NoWayBack)),
                When(Abort).IfElse(MayReturn, x => x.RequestAbort().Fail(Operators.Aborted).Accept().BeginRollback(this, procedure), x => x.Refuse(Operators.NoWayBack)));
        }

        // The traffic agent acts first and tells afterwards: traffic that went back brings the run back, a split that is not ours waits for a person.
        foreach (var state in Running.Append(Gate).Append(Paused))
        {
            During(state,
                When(TrafficIncident).RecordIncident()
                    .If(Incidents.Restored, x => x.Fail(Incidents.FailureOf).IfElse(MayReturn, y => y.BeginRollback(this, procedure), y => y.Alert()))
                    .If(Incidents.SplitChanged, x => x.Fail(Incidents.FailureOf).Alert().IfElse(MayReturn, y => y.LeaveSplit(this), y => y))
                    .If(Incidents.ShareDiffers, x => x.Fail(Incidents.FailureOf).Alert().IfElse(MayReturn, y => y.StopShifting(this), y => y))
                    .If(Incidents.Warns, x => x.Alert(Incidents.FailureOf)));
        }

        foreach (var state in Ended.Append(RollingBack))
        {
            During(state, When(TrafficIncident).RecordIncident());
        }

        // Three ways a step ends beside its own event: it failed, it is silent, it is out of time.
        foreach (var state in Running)
        {
            During(state,
                When(StepFailed, IsCurrent).RecordFailure().Recover(this, procedure),
                When(Pause).RequestPause().Accept().IfElse(IsBetweenSteps, x => x.PauseFor(this, Waits.PauseReason), x => x));
        }

        foreach (var state in Running.Append(RollingBack))
        {
            During(state,
                When(StepAccepted, IsCurrent).RecordAcceptance(this),
                When(StepSilent, IsCurrent).RecordSilence().SendAgain(this, procedure),
                When(RetryDelay.Received).SendAgain(this, procedure),
                When(StepDeadline.Received).Fail(Waits.StepOverdue).Alert().SendAgain(this, procedure));
        }

        foreach (var state in Live)
        {
            During(state,
                When(StepAccepted, IsCurrentWatch).RecordWatchAcceptance(),
                When(StepSilent, IsCurrentWatch).RecordSilence().HoldRamp(this).SendWatchAgain(),
                When(WatchRetry.Received).SendWatchAgain(),
                When(StepFailed, IsCurrentWatch).RecordFailure().HoldRamp(this).RecoverWatch(this, procedure));
        }

        // Beside the procedure the fences are looked at, from the freeze until they are lifted.
        foreach (var state in Live)
        {
            During(state,
                When(StepAccepted, IsCurrentGuard).RecordWatchAcceptance(),
                When(FreezeGuarded, IsCurrentGuard).RecordGuard(),
                When(WritesRefused, IsCurrentGuard).RecordRefusals(),
                When(StepSilent, IsCurrentGuard).RecordSilence().SendGuardAgain(),
                When(GuardRetry.Received).SendGuardAgain(),
                When(StepFailed, IsCurrentGuard).RecordFailure().RecoverGuard(this, procedure));
        }

        // An ended upgrade can be begun again in a new epoch; cluster X was left as it was.
        During([RolledBack, Failed, Aborted],
            When(Retry).IfElse(OverrideBehaviors.IsRefused, x => x.Refuse(static (saga, retry) => Overrides.RefusalOf(saga, retry)!), x => x.BeginAgain(this, procedure)));
        During(Completed,
            When(Retry).Refuse(Operators.AlreadyDone));

        foreach (var ended in Ended)
        {
            WhenEnter(ended, x => x.End());
        }

        RefuseWhatDoesNotFit();
        IgnoreWhatIsLate();
    }

    /// <summary>Version of this procedure; upgrades finish on the one they began with.</summary>
    public const int DefinitionVersion = 1;

    public State Preflight { get; private set; } = null!;

    public State Freeze { get; private set; } = null!;

    public State Backup { get; private set; } = null!;

    public State Assess { get; private set; } = null!;

    public State Deploy { get; private set; } = null!;

    public State Stage { get; private set; } = null!;

    public State Shift { get; private set; } = null!;

    public State Soak { get; private set; } = null!;

    public State Decommission { get; private set; } = null!;

    public State Unfreeze { get; private set; } = null!;

    public State AfterWatch { get; private set; } = null!;

    public State Gate { get; private set; } = null!;

    public State Paused { get; private set; } = null!;

    public State RollingBack { get; private set; } = null!;

    public State Completed { get; private set; } = null!;

    public State RolledBack { get; private set; } = null!;

    public State Failed { get; private set; } = null!;

    public State Aborted { get; private set; } = null!;

    /// <summary>The phases, in the order of the procedure.</summary>
    public IReadOnlyList<State> Running => [Preflight, Freeze, Backup, Assess, Deploy, Stage, Shift, Soak, Decommission, Unfreeze, AfterWatch];

    /// <summary>Every state in which something may still happen by itself.</summary>
    public IReadOnlyList<State> Live => [.. Running, Gate, Paused, RollingBack];

    /// <summary>The terminal states.</summary>
    public IReadOnlyList<State> Ended => [Completed, RolledBack, Failed, Aborted];

    public Event<BeginUpgrade> Begin { get; private set; } = null!;

    public Event<PreflightPassed> PreflightPassed { get; private set; } = null!;

    public Event<MonitoringPrepared> MonitoringPrepared { get; private set; } = null!;

    public Event<TrafficPrepared> TrafficPrepared { get; private set; } = null!;

    public Event<ConfigurationFrozen> ConfigurationFrozen { get; private set; } = null!;

    public Event<BackupTaken> BackupTaken { get; private set; } = null!;

    public Event<UpgradeAssessed> UpgradeAssessed { get; private set; } = null!;

    public Event<DatabaseRestored> DatabaseRestored { get; private set; } = null!;

    public Event<DatabaseMigrated> DatabaseMigrated { get; private set; } = null!;

    public Event<ClusterStarted> ClusterStarted { get; private set; } = null!;

    public Event<StagingPassed> StagingPassed { get; private set; } = null!;

    public Event<FreezeVerified> FreezeVerified { get; private set; } = null!;

    public Event<RuntimeStateCarried> RuntimeStateCarried { get; private set; } = null!;

    public Event<TrafficDrilled> TrafficDrilled { get; private set; } = null!;

    public Event<TrafficShifted> TrafficShifted { get; private set; } = null!;

    public Event<TrafficCommitted> TrafficCommitted { get; private set; } = null!;

    public Event<TrafficRestored> TrafficRestored { get; private set; } = null!;

    public Event<TrafficReleased> TrafficReleased { get; private set; } = null!;

    public Event<TrafficIncident> TrafficIncident { get; private set; } = null!;

    public Event<ClusterDecommissioned> ClusterDecommissioned { get; private set; } = null!;

    public Event<ConfigurationUnfrozen> ConfigurationUnfrozen { get; private set; } = null!;

    public Event<FreezeGuarded> FreezeGuarded { get; private set; } = null!;

    public Event<WritesRefused> WritesRefused { get; private set; } = null!;

    public Event<WatchEstablished> WatchEstablished { get; private set; } = null!;

    public Event<VerdictReached> VerdictReached { get; private set; } = null!;

    public Event<StepAccepted> StepAccepted { get; private set; } = null!;

    public Event<StepFailed> StepFailed { get; private set; } = null!;

    public Event<StepSilent> StepSilent { get; private set; } = null!;

    public Event<PauseUpgrade> Pause { get; private set; } = null!;

    public Event<ResumeUpgrade> Resume { get; private set; } = null!;

    public Event<ApproveGate> Approve { get; private set; } = null!;

    public Event<RollBackUpgrade> RollBack { get; private set; } = null!;

    public Event<RetryUpgrade> Retry { get; private set; } = null!;

    public Event<AbortUpgrade> Abort { get; private set; } = null!;

    public Schedule<UpgradeState, StepDeadlineElapsed> StepDeadline { get; private set; } = null!;

    public Schedule<UpgradeState, RetryDelayElapsed> RetryDelay { get; private set; } = null!;

    public Schedule<UpgradeState, DwellElapsed> Dwell { get; private set; } = null!;

    public Schedule<UpgradeState, DecisionDeadlineElapsed> DecisionDeadline { get; private set; } = null!;

    public Schedule<UpgradeState, WaitDeadlineElapsed> WaitDeadline { get; private set; } = null!;

    public Schedule<UpgradeState, WatchRetryElapsed> WatchRetry { get; private set; } = null!;

    public Schedule<UpgradeState, GuardRetryElapsed> GuardRetry { get; private set; } = null!;

    private static bool IsCurrent<T>(BehaviorContext<UpgradeState, T> context)
        where T : class => context.Saga.IsCurrent(StepOf(context.Message), StepLanes.Main);

    private static bool IsCurrentWatch<T>(BehaviorContext<UpgradeState, T> context)
        where T : class => context.Saga.IsCurrent(StepOf(context.Message), StepLanes.Watch);

    private static bool IsCurrentGuard<T>(BehaviorContext<UpgradeState, T> context)
        where T : class => context.Saga.IsCurrent(StepOf(context.Message), StepLanes.Guard);

    private static StepRef StepOf(object message) => message switch
    {
        IStepEvent stepEvent => stepEvent.Step,
        StepSilent silent => silent.Step,
        _ => throw new ArgumentException($"{message.GetType().Name} names no step", nameof(message)),
    };

    private static bool IsCurrentAndFailed(BehaviorContext<UpgradeState, VerdictReached> context) =>
        IsCurrentWatch(context) && context.Message.Verdict == Verdict.Failed;

    private static bool IsCurrentAndNotFailed(BehaviorContext<UpgradeState, VerdictReached> context) =>
        IsCurrentWatch(context) && context.Message.Verdict != Verdict.Failed;

    private static bool MayReturn<T>(BehaviorContext<UpgradeState, T> context)
        where T : class => !context.Saga.PastNoReturn;

    private static bool MayAdvance<T>(BehaviorContext<UpgradeState, T> context)
        where T : class => context.Saga.IsDwelling() && context.Saga is { DwellOver: true, Verdict: Verdict.Passed, PauseRequested: false };

    private static bool IsAwaitingWatch<T>(BehaviorContext<UpgradeState, T> context)
        where T : class => context.Saga.Main is { Name: StepNames.EstablishWatch, IsOpen: false };

    private static bool IsBetweenSteps<T>(BehaviorContext<UpgradeState, T> context)
        where T : class => !context.Saga.Main.IsOpen || context.Saga.IsRamping();

    private void CorrelateEvents()
    {
        Event(() => Begin, static x => x.CorrelateById(static m => m.Message.UpgradeId));
        CorrelateStep(() => PreflightPassed);
        CorrelateStep(() => MonitoringPrepared);
        CorrelateStep(() => TrafficPrepared);
        CorrelateStep(() => ConfigurationFrozen);
        CorrelateStep(() => BackupTaken);
        CorrelateStep(() => UpgradeAssessed);
        CorrelateStep(() => DatabaseRestored);
        CorrelateStep(() => DatabaseMigrated);
        CorrelateStep(() => ClusterStarted);
        CorrelateStep(() => StagingPassed);
        CorrelateStep(() => FreezeVerified);
        CorrelateStep(() => RuntimeStateCarried);
        CorrelateStep(() => TrafficDrilled);
        CorrelateStep(() => TrafficShifted);
        CorrelateStep(() => TrafficCommitted);
        CorrelateStep(() => TrafficRestored);
        CorrelateStep(() => TrafficReleased);
        CorrelateStep(() => TrafficIncident);
        CorrelateStep(() => ClusterDecommissioned);
        CorrelateStep(() => ConfigurationUnfrozen);
        CorrelateStep(() => FreezeGuarded);
        CorrelateStep(() => WritesRefused);
        CorrelateStep(() => WatchEstablished);
        CorrelateStep(() => VerdictReached);
        CorrelateStep(() => StepAccepted);
        CorrelateStep(() => StepFailed);
        Event(() => StepSilent, static x => x.CorrelateById(static m => m.Message.Step.UpgradeId).OnMissingInstance(static m => m.Discard()));
        CorrelateOperator(() => Pause);
        CorrelateOperator(() => Resume);
        CorrelateOperator(() => Approve);
        CorrelateOperator(() => RollBack);
        CorrelateOperator(() => Retry);
        CorrelateOperator(() => Abort);
    }

    // A step event of an upgrade that is not in the database can only come from before a restored backup of it.
    private void CorrelateStep<T>(System.Linq.Expressions.Expression<Func<Event<T>>> stepEvent)
        where T : class, IStepEvent =>
        Event(stepEvent, static x => x.CorrelateById(static m => m.Message.Step.UpgradeId).OnMissingInstance(static m => m.Discard()));

    private void CorrelateOperator<T>(System.Linq.Expressions.Expression<Func<Event<T>>> command)
        where T : class, IOperatorCommand =>
        Event(command, static x => x.CorrelateById(static m => m.Message.UpgradeId)
            .OnMissingInstance(static m => m.ExecuteAsync(static c => Operators.AnswerNotFoundAsync(c))));

    private void DeclareTimers()
    {
        Schedule(() => StepDeadline, static x => x.StepDeadlineToken, static s => s.Received = static r => r.CorrelateById(static m => m.Message.UpgradeId));
        Schedule(() => RetryDelay, static x => x.RetryDelayToken, static s => s.Received = static r => r.CorrelateById(static m => m.Message.UpgradeId));
        Schedule(() => Dwell, static x => x.DwellToken, static s => s.Received = static r => r.CorrelateById(static m => m.Message.UpgradeId));
        Schedule(() => DecisionDeadline, static x => x.DecisionDeadlineToken, static s => s.Received = static r => r.CorrelateById(static m => m.Message.UpgradeId));
        Schedule(() => WatchRetry, static x => x.WatchRetryToken, static s => s.Received = static r => r.CorrelateById(static m => m.Message.UpgradeId));
        Schedule(() => GuardRetry, static x => x.GuardRetryToken, static s => s.Received = static r => r.CorrelateById(static m => m.Message.UpgradeId));
        Schedule(() => WaitDeadline, static x => x.WaitDeadlineToken, static s => s.Received = static r => r.CorrelateById(static m => m.Message.UpgradeId));
    }

    /// <summary>An operator's command that does not fit the state is answered, never dropped.</summary>
    private void RefuseWhatDoesNotFit()
    {
        RefuseOutside(Pause, Running);
        RefuseOutside(Resume, [Paused]);
        RefuseOutside(Approve, [Gate]);
        RefuseOutside(RollBack, Live);
        RefuseOutside(Abort, Live);
        RefuseOutside(Retry, [Paused, .. Ended]);
    }

    private void RefuseOutside<T>(Event<T> command, IReadOnlyList<State> fitting)
        where T : class, IOperatorCommand
    {
        foreach (var state in Live.Concat(Ended).Except(fitting))
        {
            During(state, When(command).Refuse(Operators.DoesNotFit));
        }
    }

    /// <summary>What arrives for a step that the run has left says nothing any more; a repeated begin was done.</summary>
    private void IgnoreWhatIsLate()
    {
        IgnoreOutside(PreflightPassed, [Preflight]);
        IgnoreOutside(MonitoringPrepared, [Preflight]);
        IgnoreOutside(TrafficPrepared, [Preflight]);
        IgnoreOutside(ConfigurationFrozen, [Freeze]);
        IgnoreOutside(BackupTaken, [Backup]);
        IgnoreOutside(UpgradeAssessed, [Assess]);
        IgnoreOutside(DatabaseRestored, [Deploy]);
        IgnoreOutside(DatabaseMigrated, [Deploy]);
        IgnoreOutside(ClusterStarted, [Deploy]);
        IgnoreOutside(StagingPassed, [Stage]);
        IgnoreOutside(FreezeVerified, [Shift, Decommission]);
        IgnoreOutside(RuntimeStateCarried, [Shift]);
        IgnoreOutside(TrafficDrilled, [Shift]);
        IgnoreOutside(TrafficShifted, [Shift]);
        IgnoreOutside(TrafficCommitted, [Decommission]);
        IgnoreOutside(TrafficRestored, [RollingBack]);
        IgnoreOutside(TrafficReleased, []);
        IgnoreOutside(ClusterDecommissioned, [Decommission]);
        IgnoreOutside(ConfigurationUnfrozen, [Unfreeze, RollingBack]);
        IgnoreOutside(WatchEstablished, [Shift, Soak, Decommission, Unfreeze, AfterWatch, RollingBack, Gate, Paused]);
        IgnoreOutside(VerdictReached, Live);
        IgnoreOutside(StepAccepted, Live);
        IgnoreOutside(StepFailed, Live);
        IgnoreOutside(StepSilent, Live);
        IgnoreOutside(Dwell.Received, [Shift, Soak, AfterWatch, RollingBack]);
        IgnoreOutside(DecisionDeadline.Received, [Shift, Soak, RollingBack]);
        IgnoreOutside(WaitDeadline.Received, [Gate, Paused, RollingBack]);
        IgnoreOutside(StepDeadline.Received, [.. Running, RollingBack]);
        IgnoreOutside(RetryDelay.Received, [.. Running, RollingBack]);
        IgnoreOutside(WatchRetry.Received, Live);
        IgnoreOutside(FreezeGuarded, Live);
        IgnoreOutside(WritesRefused, Live);
        IgnoreOutside(GuardRetry.Received, Live);
        IgnoreOutside(Begin, []);
    }

    private void IgnoreOutside<T>(Event<T> late, IReadOnlyList<State> handling)
        where T : class
    {
        foreach (var state in Live.Concat(Ended).Except(handling))
        {
            During(state, Ignore(late));
        }
    }
}

using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;

namespace KongUpgradeMesh.Coordinator.Tests.Support;

/// <summary>What the agents of a coordinator test answer: success, unless a test says otherwise for a kind of step.</summary>
internal sealed class AgentScript
{
    private readonly ConcurrentDictionary<Type, Func<IStepCommand, IStepPublisher, CancellationToken, Task<IStepEvent>>> _overrides = new();

    public ConcurrentQueue<IStepCommand> Commands { get; } = new();

    public void On<TCommand>(Func<TCommand, CancellationToken, Task<IStepEvent>> answer)
        where TCommand : IStepCommand => _overrides[typeof(TCommand)] = (command, _, token) => answer((TCommand)command, token);

    public void OnWatch(Func<WatchTraffic, Verdict> verdict) => _overrides[typeof(WatchTraffic)] = (command, publisher, token) =>
        WatchAsync((WatchTraffic)command, publisher, verdict((WatchTraffic)command), token);

    /// <summary>A watch that passes until <paramref name="turn"/> completes and then finds cluster Y bad.</summary>
    public void OnWatchTurning(WatchPurpose purpose, Task turn) => _overrides[typeof(WatchTraffic)] = async (command, publisher, token) =>
    {
        var watch = (WatchTraffic)command;
        if (watch.Purpose == purpose)
        {
            _ = turn.ContinueWith(_ => publisher.PublishAsync(VerdictOf(watch, Verdict.Failed), token), token, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        return await WatchAsync(watch, publisher, Verdict.Passed, token);
    };

    /// <summary>A watch that publishes one verdict after the other, each with these findings; the worst of those that count is the verdict.</summary>
    public void OnFindings(Func<WatchTraffic, IReadOnlyList<IReadOnlyList<VerdictFinding>>> verdicts) => _overrides[typeof(WatchTraffic)] = async (command, publisher, token) =>
    {
        var watch = (WatchTraffic)command;
        await publisher.PublishAsync(new WatchEstablished { Step = watch.Step, Agent = "scripted", Facts = new Dictionary<string, double>() }, token);
        foreach (var findings in verdicts(watch))
        {
            var worst = findings.Where(static f => f.Override is null).OrderBy(static f => f.Verdict switch { Verdict.Failed => 0, Verdict.Errored => 1, Verdict.Inconclusive => 2, _ => 3 });
            await publisher.PublishAsync(VerdictOf(watch, worst.First().Verdict) with { Findings = findings }, token);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        throw new OperationCanceledException(token);
    };

    /// <summary>A watch that says one verdict after the other, each when it comes.</summary>
    public void OnVerdicts(Func<WatchTraffic, IAsyncEnumerable<Verdict>> verdicts) => _overrides[typeof(WatchTraffic)] = async (command, publisher, token) =>
    {
        var watch = (WatchTraffic)command;
        await publisher.PublishAsync(new WatchEstablished { Step = watch.Step, Agent = "scripted", Facts = new Dictionary<string, double>() }, token);
        await foreach (var verdict in verdicts(watch).WithCancellation(token))
        {
            await publisher.PublishAsync(VerdictOf(watch, verdict), token);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        throw new OperationCanceledException(token);
    };

    /// <summary>A guard that sees the fences hold until <paramref name="fall"/> completes, and then fails with its failure.</summary>
    public void OnGuard(Func<GuardFreeze, Task<Failure>> fall) => _overrides[typeof(GuardFreeze)] = async (command, publisher, token) =>
    {
        _ = GuardAsync((GuardFreeze)command, publisher, token);
        throw new StepFailedException(await fall((GuardFreeze)command).WaitAsync(token));
    };

    public void Fail<TCommand>(string code, bool isTransient = false)
        where TCommand : IStepCommand => On<TCommand>((_, _) => throw new StepFailedException(
            new Failure { Code = code, Message = $"{typeof(TCommand).Name} was told to fail", Remedy = "none", IsTransient = isTransient }));

    public void Heal<TCommand>() => _overrides.TryRemove(typeof(TCommand), out _);

    /// <summary>The steps of the procedure in the order in which they reached their agents; nothing waits for the release, which comes after the end.</summary>
    public IReadOnlyList<string> StepNames(Guid upgradeId) =>
        [.. Commands.Where(c => c.Step.UpgradeId == upgradeId && c.Step.Lane == StepLanes.Main && c is not ReleaseTraffic).Select(c => c.Step.Name)];

    public Task<IStepEvent> AnswerAsync(IStepCommand command, IStepPublisher publisher, CancellationToken cancellationToken)
    {
        Commands.Enqueue(command);
        return _overrides.TryGetValue(command.GetType(), out var answer) ? answer(command, publisher, cancellationToken)
            : command is WatchTraffic watch ? WatchAsync(watch, publisher, Verdict.Passed, cancellationToken)
            : command is GuardFreeze guard ? GuardAsync(guard, publisher, cancellationToken)
            : Task.FromResult(Success(command));
    }

    public static IStepEvent Success(IStepCommand command)
    {
        var step = command.Step;
        const string agent = "scripted";
        return command switch
        {
            RunPreflight => new PreflightPassed { Step = step, Agent = agent, Facts = new Dictionary<string, string>(), Warnings = [] },
            PrepareMonitoring => new MonitoringPrepared { Step = step, Agent = agent, NodesX = 1, Balancers = 0, ByPrometheus = false },
            PrepareTraffic => new TrafficPrepared { Step = step, Agent = agent, Driver = "scripted", Limits = [], Split = TrafficSplit.AllOnX },
            FreezeConfiguration => new ConfigurationFrozen { Step = step, Agent = agent, Fingerprint = Print("f"), FencedTables = 20, UnknownTables = [] },
            TakeBackup => new BackupTaken { Step = step, Agent = agent, BackupId = "b1", Location = "/b/b1", ManifestDigest = "d", Bytes = 1, Fingerprint = Print("f"), RestoreTested = true },
            AssessUpgrade => new UpgradeAssessed { Step = step, Agent = agent, Findings = [], Counters = [], RulesEvaluated = 40 },
            RestoreDatabase => new DatabaseRestored { Step = step, Agent = agent, DatabaseIdentity = "y", Fingerprint = Print("f") },
            MigrateDatabase => new DatabaseMigrated { Step = step, Agent = agent, Summary = "all" },
            StartCluster => new ClusterStarted { Step = step, Agent = agent, Nodes = ["y1"], Fingerprint = Print("y") },
            RunStagingTests => new StagingPassed { Step = step, Agent = agent, Tests = 9, Skipped = [] },
            VerifyFreeze => new FreezeVerified { Step = step, Agent = agent, RefusedWrites = 7 },
            CarryRuntimeState => new RuntimeStateCarried { Step = step, Agent = agent, Tables = [], Findings = [] },
            DrillTraffic => new TrafficDrilled
            {
                Step = step, Agent = agent, Split = new TrafficSplit { WeightY = 1 }, TookForth = TimeSpan.FromMilliseconds(80), TookBack = TimeSpan.FromMilliseconds(40),
            },
            ReleaseTraffic => new TrafficReleased { Step = step, Agent = agent },
            ShiftTraffic shift => new TrafficShifted { Step = step, Agent = agent, Split = shift.Split, TrafficStep = shift.TrafficStep, ObservedShareY = shift.Split.WeightY / 100.0 },
            CommitTraffic => new TrafficCommitted { Step = step, Agent = agent, Split = new TrafficSplit { WeightY = 100 } },
            RestoreTraffic => new TrafficRestored { Step = step, Agent = agent, Split = TrafficSplit.AllOnX, Took = TimeSpan.FromSeconds(1) },
            DecommissionCluster decommission => new ClusterDecommissioned { Step = step, Agent = agent, Side = decommission.Side, Nodes = ["x1"] },
            UnfreezeConfiguration unfreeze => new ConfigurationUnfrozen { Step = step, Agent = agent, Sides = unfreeze.Sides, RefusedWrites = 7 },
            _ => throw new ArgumentException(command.GetType().Name, nameof(command)),
        };
    }

    private static VerdictReached VerdictOf(WatchTraffic watch, Verdict verdict) => new()
    {
        Step = watch.Step, Agent = "scripted", Verdict = verdict, Purpose = watch.Purpose, TrafficStep = watch.TrafficStep, RequestsX = 100, RequestsY = 100,
        Findings = [new VerdictFinding { Indicator = "error-rate", Verdict = verdict, Message = $"was told to be {verdict}" }],
    };

    private static ConfigurationFingerprint Print(string root) => new() { Root = root, Tables = [] };

    private static async Task<IStepEvent> GuardAsync(GuardFreeze guard, IStepPublisher publisher, CancellationToken cancellationToken)
    {
        await publisher.PublishAsync(
            new FreezeGuarded { Step = guard.Step, Agent = "scripted", Sides = guard.Sides, Interval = TimeSpan.FromSeconds(5) }, cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        throw new OperationCanceledException(cancellationToken);
    }

    private static async Task<IStepEvent> WatchAsync(WatchTraffic watch, IStepPublisher publisher, Verdict verdict, CancellationToken cancellationToken)
    {
        await publisher.PublishAsync(new WatchEstablished { Step = watch.Step, Agent = "scripted", Facts = new Dictionary<string, double>() }, cancellationToken);
        await publisher.PublishAsync(VerdictOf(watch, verdict), cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        throw new OperationCanceledException(cancellationToken);
    }
}

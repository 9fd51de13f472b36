using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Traffic;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>What each step of the procedure asks of which agent.</summary>
public sealed class UpgradeProcedure(IOptions<UpgradeOptions> options)
{
    // A watch or a guard that comes to its end is begun again, like every step that ran out of time.
    private static readonly TimeSpan WatchTimeout = TimeSpan.FromDays(30);

    private const string RampWatch = "watch-step-ramp";

    /// <summary>After so many failures the fence of cluster Y is left behind rather than keeping cluster X frozen.</summary>
    private const int FailuresBeforeGivingUpY = 3;

    public UpgradeOptions Options => options.Value;

    /// <summary>The command of a step, and the kind of agent that takes it.</summary>
    internal (AgentKind Kind, IStepCommand Command) CommandFor(UpgradeState saga, StepRef step)
    {
        var spec = saga.Spec;
        var datacenter = spec.Datacenter;
        var shortly = Options.ShortStep;
        var patiently = Options.LongStep;
        return step.Name switch
        {
            StepNames.RunPreflight => (AgentKind.Deploy, new RunPreflight { Step = step, Datacenter = datacenter, Timeout = shortly, Spec = spec }),
            StepNames.PrepareMonitoring => (AgentKind.Monitor, new PrepareMonitoring { Step = step, Datacenter = datacenter, Timeout = shortly, Spec = spec }),
            // Patiently: a time to live that DNS has given out must pass before the first shift.
            StepNames.PrepareTraffic => (AgentKind.Traffic, new PrepareTraffic { Step = step, Datacenter = datacenter, Timeout = patiently, Spec = spec }),
            StepNames.FreezeConfiguration => (AgentKind.Backup, new FreezeConfiguration { Step = step, Datacenter = datacenter, Timeout = patiently, Spec = spec }),
            StepNames.TakeBackup => (AgentKind.Backup, new TakeBackup { Step = step, Datacenter = datacenter, Timeout = patiently, Spec = spec, Expected = Known(saga.FrozenX) }),
            StepNames.AssessUpgrade => (AgentKind.Deploy, new AssessUpgrade { Step = step, Datacenter = datacenter, Timeout = patiently, Spec = spec }),
            StepNames.RestoreDatabase => (AgentKind.Deploy, new RestoreDatabase
            {
                Step = step, Datacenter = datacenter, Timeout = patiently, Spec = spec,
                BackupLocation = Known(saga.BackupLocation), ManifestDigest = Known(saga.ManifestDigest), Expected = Known(saga.FrozenX),
            }),
            StepNames.MigrateDatabase => (AgentKind.Deploy, new MigrateDatabase { Step = step, Datacenter = datacenter, Timeout = patiently, Spec = spec }),
            StepNames.StartCluster => (AgentKind.Deploy, new StartCluster { Step = step, Datacenter = datacenter, Timeout = patiently, Spec = spec }),
            StepNames.RunStagingTests => (AgentKind.Deploy, new RunStagingTests { Step = step, Datacenter = datacenter, Timeout = patiently, Spec = spec }),
            StepNames.VerifyFreeze or StepNames.VerifyBeforeDecommission => (AgentKind.Backup, new VerifyFreeze
            {
                Step = step, Datacenter = datacenter, Timeout = patiently, Spec = spec, ExpectedX = Known(saga.FrozenX), ExpectedY = saga.BaselineY,
            }),
            StepNames.CarryRuntimeState => (AgentKind.Deploy, new CarryRuntimeState { Step = step, Datacenter = datacenter, Timeout = shortly, Spec = spec }),
            StepNames.DrillTraffic => (AgentKind.Traffic, new DrillTraffic { Step = step, Datacenter = datacenter, Timeout = shortly, Spec = spec }),
            StepNames.ShiftTraffic => (AgentKind.Traffic, new ShiftTraffic
            {
                Step = step, Datacenter = datacenter, Timeout = shortly + RampOf(saga), Spec = spec,
                Split = new TrafficSplit { WeightY = spec.Traffic.Steps[saga.TrafficStep] }, TrafficStep = saga.TrafficStep + 1,
                RampFrom = new TrafficSplit { WeightY = spec.Traffic.ShareBefore(saga.TrafficStep) }, Ramp = RampOf(saga),
                OverForeign = saga.OverForeign,
            }),
            StepNames.RestoreTraffic => (AgentKind.Traffic, new RestoreTraffic
            {
                Step = step, Datacenter = datacenter, Timeout = Options.RestoreTraffic, Spec = spec, Reason = saga.Failure?.Message ?? "rolling back",
            }),
            StepNames.CommitTraffic => (AgentKind.Traffic, new CommitTraffic { Step = step, Datacenter = datacenter, Timeout = shortly, Spec = spec }),
            StepNames.DecommissionX => (AgentKind.Deploy, new DecommissionCluster { Step = step, Datacenter = datacenter, Timeout = patiently, Spec = spec, Side = ClusterSide.X }),
            StepNames.UnfreezeConfiguration => (AgentKind.Backup, new UnfreezeConfiguration
            {
                Step = step, Datacenter = datacenter, Timeout = shortly, Spec = spec, Sides = [ClusterSide.X, ClusterSide.Y], JournalY = true,
            }),
            StepNames.LiftFences => (AgentKind.Backup, new UnfreezeConfiguration { Step = step, Datacenter = datacenter, Timeout = shortly, Spec = spec, Sides = SidesToLift(saga) }),
            StepNames.ReleaseTraffic => (AgentKind.Traffic, new ReleaseTraffic { Step = step, Datacenter = datacenter, Timeout = shortly, Spec = spec }),
            _ => throw new ArgumentException($"step {step.Name} is not an agent's", nameof(step)),
        };
    }

    /// <summary>The step a phase begins with.</summary>
    internal static string FirstStepOf(string phase) => phase switch
    {
        nameof(UpgradeStateMachine.Preflight) => StepNames.RunPreflight,
        nameof(UpgradeStateMachine.Freeze) => StepNames.FreezeConfiguration,
        nameof(UpgradeStateMachine.Backup) => StepNames.TakeBackup,
        nameof(UpgradeStateMachine.Assess) => StepNames.AssessUpgrade,
        nameof(UpgradeStateMachine.Deploy) => StepNames.RestoreDatabase,
        nameof(UpgradeStateMachine.Stage) => StepNames.RunStagingTests,
        nameof(UpgradeStateMachine.Shift) => StepNames.EstablishWatch,
        nameof(UpgradeStateMachine.Soak) => StepNames.Soak,
        nameof(UpgradeStateMachine.Decommission) => StepNames.VerifyBeforeDecommission,
        nameof(UpgradeStateMachine.Unfreeze) => StepNames.UnfreezeConfiguration,
        nameof(UpgradeStateMachine.AfterWatch) => StepNames.AfterWatch,
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "not a phase"),
    };

    /// <summary>The command that makes the monitor judge what the upgrade is doing now.</summary>
    internal static WatchTraffic WatchFor(UpgradeState saga, StepRef step) => new()
    {
        Step = step,
        Datacenter = saga.Spec.Datacenter,
        Timeout = WatchTimeout,
        Spec = saga.Spec,
        Purpose = Enum.Parse<WatchPurpose>(step.Name["watch-".Length..].Split('-')[0], ignoreCase: true),
        Split = new TrafficSplit { WeightY = step.Name == RampWatch ? saga.Spec.Traffic.Steps[saga.TrafficStep] : saga.WeightY },
        RampFrom = step.Name == RampWatch ? new TrafficSplit { WeightY = Math.Min(saga.WeightY, saga.Spec.Traffic.ShareBefore(saga.TrafficStep)) } : null,
        TrafficStep = saga.TrafficStep + 1,
        Overrides = saga.Overrides,
    };

    /// <summary>The command that makes the backup agent look at the fences that stand now.</summary>
    internal static GuardFreeze GuardFor(UpgradeState saga, StepRef step) => new()
    {
        Step = step,
        Datacenter = saga.Spec.Datacenter,
        Timeout = WatchTimeout,
        Spec = saga.Spec,
        Sides = saga.BaselineY is null ? [ClusterSide.X] : [ClusterSide.X, ClusterSide.Y],
    };

    private static TimeSpan RampOf(UpgradeState saga) => saga.Spec.Traffic.IsRamped(saga.TrafficStep) ? saga.Spec.Traffic.Ramp : TimeSpan.Zero;

    private static IReadOnlyList<ClusterSide> SidesToLift(UpgradeState saga) =>
        saga.BaselineY is not null && saga.Main.Failures < FailuresBeforeGivingUpY ? [ClusterSide.X, ClusterSide.Y] : [ClusterSide.X];

    private static T Known<T>(T? fact)
        where T : class => fact ?? throw new InvalidOperationException($"the {typeof(T).Name} of an earlier step is not known; the procedure is out of order");
}

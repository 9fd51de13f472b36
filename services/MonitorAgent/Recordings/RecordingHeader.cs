using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>What a recorded watch was asked and what it knew at its start. Of the spec only what a judgement needs: no address, no database, no setting of a driver.</summary>
public sealed record RecordingHeader
{
    /// <summary>The version that is written; another one is not read.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the format.</summary>
    public required int Version { get; init; }

    /// <summary>When the watch began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Number of the file, from 1: a long watch is recorded in several, each of which can be judged alone.</summary>
    public int Part { get; init; } = 1;

    /// <summary>The step of the upgrade.</summary>
    public required StepRef Step { get; init; }

    /// <summary>What was judged.</summary>
    public required WatchPurpose Purpose { get; init; }

    /// <summary>Percent of sticky keys on Y.</summary>
    public required int WeightY { get; init; }

    /// <summary>Percent of sticky keys on Y where a ramp began; null when none went on.</summary>
    public int? RampFrom { get; init; }

    /// <summary>Number of the traffic step.</summary>
    public required int TrafficStep { get; init; }

    /// <summary>The datacenter.</summary>
    public required string Datacenter { get; init; }

    /// <summary>Version of cluster X.</summary>
    public required string VersionX { get; init; }

    /// <summary>Version of cluster Y.</summary>
    public required string VersionY { get; init; }

    /// <summary>The traffic steps, among which the chance of a false alarm is divided.</summary>
    public required IReadOnlyList<int> Steps { get; init; }

    /// <summary>How long the way to each step took; ramps have a part of that chance too.</summary>
    public TimeSpan Ramp { get; init; }

    /// <summary>Requests on Y before it may pass.</summary>
    public required int MinimumRequests { get; init; }

    /// <summary>Whether a client was on one cluster only, for certain.</summary>
    public bool Sticky { get; init; }

    /// <summary>How long Y was to serve alone.</summary>
    public TimeSpan Soak { get; init; }

    /// <summary>The thresholds.</summary>
    public required MonitorSpec Monitor { get; init; }

    /// <summary>Findings that did not count.</summary>
    public IReadOnlyList<VerdictOverride> Overrides { get; init; } = [];

    /// <summary>What was remembered of X; null when nothing was.</summary>
    public Reference? Reference { get; init; }

    /// <summary>The header of a watch.</summary>
    public static RecordingHeader Of(WatchTraffic command, Reference? reference, DateTimeOffset startedAt) => new()
    {
        Version = CurrentVersion,
        StartedAt = startedAt,
        Step = command.Step,
        Purpose = command.Purpose,
        WeightY = command.Split.WeightY,
        RampFrom = command.RampFrom?.WeightY,
        TrafficStep = command.TrafficStep,
        Datacenter = command.Datacenter,
        VersionX = command.Spec.From.Version,
        VersionY = command.Spec.To.Version,
        Steps = command.Spec.Traffic.Steps,
        Ramp = command.Spec.Traffic.Ramp,
        MinimumRequests = command.Spec.Traffic.MinimumRequests,
        Sticky = command.Spec.Traffic.Sticky,
        Soak = command.Spec.Soak,

        // Headers and settings may hold secrets, and a replay sends nothing.
        Monitor = command.Spec.Monitor with
        {
            Probes = [.. command.Spec.Monitor.Probes.Select(static p => p with { Headers = new Dictionary<string, string>() })],
            Sources = [.. command.Spec.Monitor.Sources.Select(static s => s with { Settings = new Dictionary<string, string>() })],
        },
        Overrides = command.Overrides,
        Reference = reference,
    };

    /// <summary>The command as the judge reads it; its nodes are those of the recorded intervals.</summary>
    public WatchTraffic ToCommand() => new()
    {
        Step = Step,
        Datacenter = Datacenter,
        Timeout = TimeSpan.Zero,
        Purpose = Purpose,
        Split = new TrafficSplit { WeightY = WeightY },
        RampFrom = RampFrom is { } from ? new TrafficSplit { WeightY = from } : null,
        TrafficStep = TrafficStep,
        Overrides = Overrides,
        Spec = new UpgradeSpec
        {
            Cluster = Step.Cluster,
            Datacenter = Datacenter,
            From = Cluster(VersionX),
            To = Cluster(VersionY),
            Backup = new BackupSpec { Directory = "" },
            Traffic = new TrafficSpec { Driver = "", Settings = new Dictionary<string, string>(), Steps = Steps, Ramp = Ramp, MinimumRequests = MinimumRequests, Sticky = Sticky },
            Soak = Soak,
            Monitor = Monitor,
        },
    };

    private static ClusterSpec Cluster(string version) => new()
    {
        Version = version,
        Database = new DatabaseSpec { Host = "", Name = "", User = "" },
        Deployment = new DeploymentSpec { Executable = "" },
        Nodes = [],
    };
}

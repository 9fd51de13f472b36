namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>Describes one dual-cluster upgrade completely. Written by a person or another system, validated as a whole before anything starts.</summary>
public sealed record UpgradeSpec
{
    /// <summary>Name of the cluster, unique over the estate; 1 to 63 characters of <c>a-z 0-9 - .</c>. One upgrade may run for it at a time.</summary>
    public required string Cluster { get; init; }

    /// <summary>Where the cluster stands; selects the agents. 1 to 40 characters of <c>a-z 0-9 -</c>.</summary>
    public required string Datacenter { get; init; }

    /// <summary>Cluster X: what runs today.</summary>
    public required ClusterSpec From { get; init; }

    /// <summary>Cluster Y: what is to run.</summary>
    public required ClusterSpec To { get; init; }

    /// <summary>Where and how the backup is kept.</summary>
    public required BackupSpec Backup { get; init; }

    /// <summary>Which load balancer is driven, and in which steps.</summary>
    public required TrafficSpec Traffic { get; init; }

    /// <summary>How cluster Y is judged. Every value has a default.</summary>
    public MonitorSpec Monitor { get; init; } = new();

    /// <summary>Tests that cluster Y must pass before it gets traffic. Every value has a default.</summary>
    public StagingSpec Staging { get; init; } = new();

    /// <summary>How configuration writes are stopped. Every value has a default.</summary>
    public FreezeSpec Freeze { get; init; } = new();

    /// <summary>What cluster X counts and issues while it still serves and cluster Y is told before each traffic step. Every value has a default.</summary>
    public RuntimeStateSpec RuntimeState { get; init; } = new();

    /// <summary>Where the run waits for a person. Default empty: the run is automatic.</summary>
    public IReadOnlyList<GateSpec> Gates { get; init; } = [];

    /// <summary>How long cluster Y carries all traffic before cluster X is removed. 0 to 30 days. Default 10 minutes.</summary>
    public TimeSpan Soak { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long both writes are allowed and cluster Y is still watched, alerting only. 0 to 30 days. Default 5 minutes.</summary>
    public TimeSpan AfterWatch { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Permits what would otherwise be refused, with a reason that is kept in the timeline; null permits nothing.</summary>
    public OverrideSpec? Override { get; init; }
}

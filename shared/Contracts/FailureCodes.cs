namespace KongUpgradeMesh.Contracts;

/// <summary>The closed list of failure codes. A code is part of the interface: it is never renamed and never reused.</summary>
public static class FailureCodes
{
    /// <summary>The spec is wrong; every problem is listed with its path.</summary>
    public const string SpecInvalid = "spec-invalid";

    /// <summary>A published command could not be read.</summary>
    public const string MessageInvalid = "message-invalid";

    /// <summary>The cluster already has an upgrade that has not ended.</summary>
    public const string UpgradeAlreadyRunning = "upgrade-already-running";

    /// <summary>There is no upgrade with this id.</summary>
    public const string UpgradeNotFound = "upgrade-not-found";

    /// <summary>A person ended the upgrade or moved the traffic back.</summary>
    public const string EndedByOperator = "ended-by-operator";

    /// <summary>The operator command does not fit the state of the upgrade.</summary>
    public const string CommandNotPossible = "command-not-possible";

    /// <summary>Kong does not support this version jump and no override is given.</summary>
    public const string VersionPathNotAllowed = "version-path-not-allowed";

    /// <summary>Cluster X runs on Cassandra, which this procedure cannot copy.</summary>
    public const string CassandraNotSupported = "cassandra-not-supported";

    /// <summary>Cluster X runs in a mode that has no database to copy.</summary>
    public const string ModeNotSupported = "mode-not-supported";

    /// <summary>A node of a cluster does not answer.</summary>
    public const string ClusterUnreachable = "cluster-unreachable";

    /// <summary>A cluster or executable reports another version than the spec says.</summary>
    public const string VersionMismatch = "version-mismatch";

    /// <summary>A database cannot be connected to.</summary>
    public const string DatabaseUnreachable = "database-unreachable";

    /// <summary>The database role lacks a right that the step needs.</summary>
    public const string DatabaseNotPermitted = "database-not-permitted";

    /// <summary>The PostgreSQL server of cluster Y cannot take the dump of cluster X, or does not suit version Y.</summary>
    public const string DatabaseVersionTooOld = "database-version-too-old";

    /// <summary>The target database of cluster Y already holds data that is not this upgrade's.</summary>
    public const string DatabaseNotEmpty = "database-not-empty";

    /// <summary>Cluster X and cluster Y are the same database by physical identity.</summary>
    public const string SameDatabase = "same-database";

    /// <summary>The database of cluster X has pending migrations.</summary>
    public const string MigrationsPending = "migrations-pending";

    /// <summary>Too little free disk space for the backup.</summary>
    public const string DiskSpaceLow = "disk-space-low";

    /// <summary>A lock in the database was not granted in time.</summary>
    public const string LockTimeout = "lock-timeout";

    /// <summary>The write fence is missing, disabled or incomplete.</summary>
    public const string FenceNotHolding = "fence-not-holding";

    /// <summary>The configuration is not what it was when it was frozen.</summary>
    public const string ConfigurationDrifted = "configuration-drifted";

    /// <summary>Transactions that write configuration did not end in time.</summary>
    public const string WritersNotDrained = "writers-not-drained";

    /// <summary>The database has tables that are neither known configuration nor known run-time state, and the spec does not decide on them.</summary>
    public const string UnknownTables = "unknown-tables";

    /// <summary>The dump could not be made or did not pass its checks.</summary>
    public const string BackupFailed = "backup-failed";

    /// <summary>A file of the backup does not match its manifest.</summary>
    public const string BackupCorrupt = "backup-corrupt";

    /// <summary>The backup could not be restored.</summary>
    public const string RestoreFailed = "restore-failed";

    /// <summary>The restored configuration is not byte-equal to the frozen one.</summary>
    public const string FingerprintMismatch = "fingerprint-mismatch";

    /// <summary>Kong's migrations of the copied database did not finish clean.</summary>
    public const string MigrationFailed = "migration-failed";

    /// <summary>A breaking change between the versions would break this configuration.</summary>
    public const string BreakingChangeBlocks = "breaking-change-blocks";

    /// <summary>A node of cluster Y did not start or did not become ready.</summary>
    public const string StartFailed = "start-failed";

    /// <summary>Counters or tokens of cluster X could not be carried to cluster Y; limits are kept less exactly, nothing breaks.</summary>
    public const string RuntimeStateNotCarried = "runtime-state-not-carried";

    /// <summary>Cluster Y does not answer the staging tests as cluster X does.</summary>
    public const string StagingFailed = "staging-failed";

    /// <summary>A node could not be stopped.</summary>
    public const string StopFailed = "stop-failed";

    /// <summary>The spec names a traffic driver that this agent does not have.</summary>
    public const string DriverUnknown = "driver-unknown";

    /// <summary>The traffic driver cannot do what the spec asks.</summary>
    public const string DriverCannot = "driver-cannot";

    /// <summary>The load balancer does not answer.</summary>
    public const string BalancerUnreachable = "balancer-unreachable";

    /// <summary>The load balancer refused the change.</summary>
    public const string BalancerRefused = "balancer-refused";

    /// <summary>The load balancer accepted the split but does not serve it.</summary>
    public const string SplitNotInForce = "split-not-in-force";

    /// <summary>The load balancer carries a split that this upgrade did not set.</summary>
    public const string SplitForeign = "split-foreign";

    /// <summary>While a split was on the traffic agent heard of neither coordinator nor monitor agent; its dead-man switch acted.</summary>
    public const string ContactLost = "contact-lost";

    /// <summary>Traffic should have gone back to cluster X, but X cannot serve or the load balancer does not let it.</summary>
    public const string RestoreHeld = "restore-held";

    /// <summary>The cluster that should take the traffic is not fit to take it.</summary>
    public const string ClusterUnfit = "cluster-unfit";

    /// <summary>A cluster cannot be observed, so it cannot be judged.</summary>
    public const string MonitorBlind = "monitor-blind";

    /// <summary>Cluster Y was judged worse than cluster X.</summary>
    public const string VerdictFailed = "verdict-failed";

    /// <summary>There was not enough evidence to judge cluster Y within the allowed time.</summary>
    public const string VerdictInconclusive = "verdict-inconclusive";

    /// <summary>A reference to a secret could not be resolved on the agent's host.</summary>
    public const string SecretNotFound = "secret-not-found";

    /// <summary>A program that the step needs is not installed on the agent's host.</summary>
    public const string ToolMissing = "tool-missing";

    /// <summary>A newer epoch or attempt of the step exists; this one was refused.</summary>
    public const string StepSuperseded = "step-superseded";

    /// <summary>The step did not end before its deadline.</summary>
    public const string StepTimedOut = "step-timed-out";

    /// <summary>Nobody decided before the gate's deadline.</summary>
    public const string GateExpired = "gate-expired";

    /// <summary>The message broker does not answer.</summary>
    public const string BrokerUnreachable = "broker-unreachable";

    /// <summary>An error that no other code describes; the agent's log has the details.</summary>
    public const string Unexpected = "unexpected";

    /// <summary>Every code of this list, in declaration order.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        SpecInvalid,
        MessageInvalid,
        UpgradeAlreadyRunning,
        UpgradeNotFound,
        EndedByOperator,
        CommandNotPossible,
        VersionPathNotAllowed,
        CassandraNotSupported,
        ModeNotSupported,
        ClusterUnreachable,
        VersionMismatch,
        DatabaseUnreachable,
        DatabaseNotPermitted,
        DatabaseVersionTooOld,
        DatabaseNotEmpty,
        SameDatabase,
        MigrationsPending,
        DiskSpaceLow,
        LockTimeout,
        FenceNotHolding,
        ConfigurationDrifted,
        WritersNotDrained,
        UnknownTables,
        BackupFailed,
        BackupCorrupt,
        RestoreFailed,
        FingerprintMismatch,
        MigrationFailed,
        BreakingChangeBlocks,
        StartFailed,
        RuntimeStateNotCarried,
        StagingFailed,
        StopFailed,
        DriverUnknown,
        DriverCannot,
        BalancerUnreachable,
        BalancerRefused,
        SplitNotInForce,
        SplitForeign,
        ContactLost,
        RestoreHeld,
        ClusterUnfit,
        MonitorBlind,
        VerdictFailed,
        VerdictInconclusive,
        SecretNotFound,
        ToolMissing,
        StepSuperseded,
        StepTimedOut,
        GateExpired,
        BrokerUnreachable,
        Unexpected,
    ];
}

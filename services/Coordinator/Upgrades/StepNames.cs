namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>Names of the procedure's steps, as they stand in commands, timelines and logs.</summary>
internal static class StepNames
{
    public const string RunPreflight = "run-preflight";
    public const string PrepareMonitoring = "prepare-monitoring";
    public const string PrepareTraffic = "prepare-traffic";
    public const string FreezeConfiguration = "freeze-configuration";
    public const string GuardFreeze = "guard-freeze";
    public const string TakeBackup = "take-backup";
    public const string AssessUpgrade = "assess-upgrade";
    public const string RestoreDatabase = "restore-database";
    public const string MigrateDatabase = "migrate-database";
    public const string StartCluster = "start-cluster";
    public const string RunStagingTests = "run-staging-tests";
    public const string EstablishWatch = "establish-watch";
    public const string VerifyFreeze = "verify-freeze";
    public const string CarryRuntimeState = "carry-runtime-state";
    public const string DrillTraffic = "drill-traffic";
    public const string WatchRamp = "watch-ramp";
    public const string ShiftTraffic = "shift-traffic";
    public const string Dwell = "dwell";
    public const string Soak = "soak";
    public const string VerifyBeforeDecommission = "verify-before-decommission";
    public const string CommitTraffic = "commit-traffic";
    public const string DecommissionX = "decommission-x";
    public const string UnfreezeConfiguration = "unfreeze-configuration";
    public const string AfterWatch = "after-watch";
    public const string RestoreTraffic = "restore-traffic";
    public const string LiftFences = "lift-fences";
    public const string ReleaseTraffic = "release-traffic";
}

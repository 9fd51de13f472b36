using KongUpgradeMesh.Contracts.Backup;
using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Traffic;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>What the coordinator remembers of each step's end, and the sentence for the timeline.</summary>
internal static class RecordFacts
{
    public static string Preflight(UpgradeState saga, PreflightPassed passed) =>
        (passed.Warnings.Count == 0 ? "Preflight found nothing in the way" : $"Preflight passed with {passed.Warnings.Count} warnings: {string.Join("; ", passed.Warnings)}")
        + (passed.Writers.Count == 0 ? "" : $". Pause before the freeze: {string.Join(", ", passed.Writers.Select(static w => w.Kind))}");

    public static string Readable(UpgradeState saga, MonitoringPrepared prepared) =>
        $"The monitor reads {prepared.NodesX} nodes of cluster X{(prepared.ByPrometheus ? " through Prometheus" : "")}" + (prepared.Balancers > 0 ? $" and {prepared.Balancers} load balancers" : "");

    public static string Prepared(UpgradeState saga, TrafficPrepared prepared)
    {
        saga.TrafficPrepared = true;
        return $"The load balancer can be driven by {prepared.Driver}; all traffic is on cluster X";
    }

    public static string Frozen(UpgradeState saga, ConfigurationFrozen frozen)
    {
        saga.FrozenX = frozen.Fingerprint;
        return $"Configuration of cluster X is frozen: {frozen.FencedTables} tables fenced, fingerprint {frozen.Fingerprint.Root}";
    }

    public static string BackedUp(UpgradeState saga, BackupTaken taken)
    {
        saga.BackupLocation = taken.Location;
        saga.ManifestDigest = taken.ManifestDigest;
        return $"Backup {taken.BackupId} of {taken.Bytes} bytes" + (taken.RestoreTested ? ", restored and compared" : ", not restore-tested")
            + string.Concat(taken.Notes.Select(static n => $". {n.TrimEnd('.')}"));
    }

    public static string Assessed(UpgradeState saga, UpgradeAssessed assessed) =>
        $"{assessed.RulesEvaluated} rules evaluated: {assessed.Findings.Count} findings, {assessed.Counters.Count} counters diverge during the split";

    public static string Restored(UpgradeState saga, DatabaseRestored restored) =>
        $"Cluster Y's database holds exactly what was frozen (root {restored.Fingerprint.Root})";

    public static string Migrated(UpgradeState saga, DatabaseMigrated migrated) => $"Migrations are complete: {migrated.Summary}";

    public static string Started(UpgradeState saga, ClusterStarted started)
    {
        saga.BaselineY = started.Fingerprint;
        return $"Cluster Y is ready and frozen: {string.Join(", ", started.Nodes)}";
    }

    public static string Staged(UpgradeState saga, StagingPassed passed) =>
        $"{passed.Tests} staging tests passed" + (passed.Skipped.Count > 0 ? $", {passed.Skipped.Count} could not be run" : "");

    public static string Verified(UpgradeState saga, FreezeVerified verified)
    {
        saga.RefusedWrites = verified.RefusedWrites;
        return $"Both fences hold, nothing has changed; {verified.RefusedWrites} writes refused so far";
    }

    public static string Carried(UpgradeState saga, RuntimeStateCarried carried) =>
        $"Cluster Y knows what X has counted and issued: {carried.Tables.Sum(static t => t.Added + t.Updated + t.Removed)} rows of {carried.Tables.Count} tables"
        + (carried.Findings.Count > 0 ? $"; not carried completely: {string.Join(" ", carried.Findings.Select(static f => f.Message))}" : "");

    public static string Drilled(UpgradeState saga, TrafficDrilled drilled)
    {
        saga.Drilled = true;
        return drilled is not { Split: { } split, TookForth: { } forth, TookBack: { } back }
            ? $"The way back was not tried: {drilled.SkippedBecause ?? "no reason was given"}"
            : $"The way back was tried: {split.WeightY} % to cluster Y in {forth.TotalSeconds:0.00} s, all back on cluster X in {back.TotalSeconds:0.00} s"
                + (drilled.Lag > TimeSpan.Zero ? $", which clients may follow {drilled.Lag.TotalSeconds:0.#} s later" : "")
                + (drilled.ObservedShareY is { } share ? $"; {share:P1} of the requests were seen on Y meanwhile" : "");
    }

    public static string Shifted(UpgradeState saga, TrafficShifted shifted)
    {
        saga.WeightY = shifted.Split.WeightY;
        saga.SplitForeign = false;
        saga.OverForeign = false;
        return $"{shifted.Split.WeightY} % of keys are on cluster Y"
            + (shifted.Ramp is { } ramp ? $", ramped from {ramp.From.WeightY} % over {ramp.Took.TotalSeconds:0} s in {ramp.Increments} increments" : "")
            + (shifted.ObservedShareY is { } share ? $", {share:P1} observed" : "");
    }

    public static string Committed(UpgradeState saga, TrafficCommitted committed)
    {
        saga.WeightY = committed.Split.WeightY;
        return "Cluster Y carries all traffic, and no agent takes it back by itself any more";
    }

    public static string TrafficRestored(UpgradeState saga, TrafficRestored restored)
    {
        saga.WeightY = restored.Split.WeightY;
        return $"All traffic is on cluster X again, after {restored.Took.TotalSeconds:0.0} s";
    }

    public static string Decommissioned(UpgradeState saga, ClusterDecommissioned decommissioned) =>
        $"Cluster {decommissioned.Side} has stopped: {string.Join(", ", decommissioned.Nodes)}";

    public static string Unfrozen(UpgradeState saga, ConfigurationUnfrozen unfrozen)
    {
        saga.RefusedWrites = Math.Max(saga.RefusedWrites, unfrozen.RefusedWrites);
        return $"The fence is gone from cluster {string.Join(" and ", unfrozen.Sides)}; {saga.RefusedWrites} writes were refused"
            + (unfrozen.JournalUntil is { } until ? $"; writes on cluster Y are recorded until {until:u}" : "");
    }
}

using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.BackupAgent.Freezing;

/// <summary>Failures of freezing and of keeping frozen.</summary>
internal static class FreezeFailures
{
    public static StepFailedException UnknownTables(IReadOnlyList<string> tables) => new(new Failure
    {
        Code = FailureCodes.UnknownTables,
        Message = $"The database has {tables.Count} tables that are neither known configuration nor known run-time state.",
        Remedy = "Decide on them: spec.freeze.unknownTables leave (stay writable) or fence; then start again. Nothing was changed.",
        Details = tables,
    });

    public static StepFailedException NotDrained(TimeSpan limit, IReadOnlyList<string> writers) => new(new Failure
    {
        Code = FailureCodes.WritersNotDrained,
        Message = $"Transactions that may have written configuration did not end within {limit}. The fence stands.",
        Remedy = "End the sessions listed in the details, or raise spec.freeze.drainTimeout; then: kum retry.",
        IsTransient = true,
        Details = writers,
    });

    public static Failure NoAnswer(string database, TimeSpan limit) => new()
    {
        Code = FailureCodes.DatabaseUnreachable,
        Message = $"{database} did not answer within {limit.TotalSeconds:0.#} s.",
        Remedy = "See that the server runs and is reachable from the backup agent.",
        IsTransient = true,
    };

    public static Failure NotGuarded(ClusterSide side, TimeSpan limit, Failure cause) => cause with
    {
        Message = $"The fence of cluster {side} could not be looked at for {limit.TotalSeconds:0} s: {cause.Message}",
        IsTransient = true,
    };

    public static StepFailedException Drifted(ClusterSide side, IReadOnlyList<string> tables) => new(new Failure
    {
        Code = FailureCodes.ConfigurationDrifted,
        Message = $"The configuration of cluster {side} has changed although it is frozen: {tables.Count} tables differ.",
        Remedy = "Find who wrote past the fence (a superuser, a replication slot, a dropped trigger); kum diff -f FILE names the rows while Y's database is there. Cluster Y no longer equals cluster X: kum rollback, then start again.",
        Details = tables,
    });
}

using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.DeployAgent.Carrying;

/// <summary>What can keep run-time state from being carried, beside the databases themselves.</summary>
internal static class CarryFailures
{
    public static StepFailedException DoesNotFit(string table, IEnumerable<string> columns) => new(new Failure
    {
        Code = FailureCodes.RuntimeStateNotCarried,
        Message = $"Rows of {table} of cluster X do not fit the table of cluster Y.",
        Remedy = "Keep clients on one side by a sticky split and pass the steps quickly; what diverges is in the assessment.",
        Details = [.. columns.Select(c => $"column {table}.{c} is missing on one side, or demanded by cluster Y without a default")],
    });

    public static StepFailedException NotMarked(string table) => new(new Failure
    {
        Code = FailureCodes.RuntimeStateNotCarried,
        Message = $"Cluster Y's database has no marks for {table}, so it is not known what of cluster X it holds already.",
        Remedy = "The marks are made when the database is restored: roll back and kum retry to have them, or go on without.",
    });

    public static StepFailedException OutOfTime(TimeSpan limit) => new(new Failure
    {
        Code = FailureCodes.RuntimeStateNotCarried,
        Message = $"The time to carry run-time state, {limit}, was over.",
        Remedy = "The next step goes on where this one ended; raise Deploy:CarryTimeout of the deploy agent if that is too late.",
        IsTransient = true,
    });
}

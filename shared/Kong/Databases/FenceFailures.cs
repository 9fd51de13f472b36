using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Failures of the write fence.</summary>
internal static class FenceFailures
{
    public static StepFailedException NothingToFence(string database, string schema) => new(new Failure
    {
        Code = FailureCodes.FenceNotHolding,
        Message = $"Schema {schema} of database {database} has no table of Kong's configuration, so there is nothing to fence.",
        Remedy = "Check the database's name and schema in the spec; nothing was changed.",
    });

    public static StepFailedException Foreign(string database, Guid owner) => new(new Failure
    {
        Code = FailureCodes.UpgradeAlreadyRunning,
        Message = $"Database {database} is fenced by upgrade {owner}.",
        Remedy = $"End that upgrade first: kum abort {owner}; nothing was changed.",
    });

    public static StepFailedException NotHolding(string database, FenceStatus status, Guid upgradeId) => new(new Failure
    {
        Code = FailureCodes.FenceNotHolding,
        Message = status.UpgradeId switch
        {
            null => $"Database {database} has no write fence, or the fence has lost its stamp.",
            { } other when other != upgradeId => $"Database {database} carries the write fence of upgrade {other}, not of this one.",
            _ when status.TablesFenced < status.TablesExpected => $"The write fence of database {database} covers {status.TablesFenced} of {status.TablesExpected} tables.",
            _ => $"The write fence of database {database} stands, but it or the tables under it were changed.",
        },
        Remedy = "Configuration may have been written meanwhile: find out who changed it, then roll back and start again (kum rollback).",
        Details = status.Defects,
    });

    public static StepFailedException Left(string database) => new(new Failure
    {
        Code = FailureCodes.LockTimeout,
        Message = $"Objects of the write fence are left in database {database}; writes are let through all the same.",
        Remedy = $"kum retry; by hand: DROP SCHEMA {FenceSql.Schema} CASCADE.",
        IsTransient = true,
    });
}

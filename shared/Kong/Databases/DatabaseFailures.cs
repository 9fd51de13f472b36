using KongUpgradeMesh.Contracts;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Turns what PostgreSQL and Npgsql report into typed failures; decides by SQLSTATE and exception type, never by text.</summary>
public static class DatabaseFailures
{
    private static readonly Version OldestServer = new(11, 0);

    /// <summary>The failure behind <paramref name="exception"/>, to be thrown in its place.</summary>
    /// <param name="exception">What Npgsql threw.</param>
    /// <param name="database">Where, for people: <see cref="KongDatabase.ToString"/>.</param>
    public static StepFailedException Of(NpgsqlException exception, string database) => new(
        exception is PostgresException answered ? Answered(answered, database) : Silent(database), exception);

    /// <summary>Refuses servers on which fence and fingerprint cannot work: both digest on the server, which PostgreSQL 11 is the first to do by itself.</summary>
    internal static void EnsureRecent(NpgsqlConnection connection)
    {
        if (connection.PostgreSqlVersion < OldestServer)
        {
            throw new StepFailedException(new Failure
            {
                Code = FailureCodes.DatabaseVersionTooOld,
                Message = $"The server of database {connection.Database} is PostgreSQL {connection.PostgreSqlVersion}; fence and fingerprint need {OldestServer.Major} or newer.",
                Remedy = "Move cluster X to a PostgreSQL that is still maintained, then start again.",
            });
        }
    }

    private static Failure Silent(string database) => Unreachable(database, "does not answer", "Check that the server runs and that this agent's host may reach it; then: kum retry.");

    private static Failure Answered(PostgresException answered, string database) => answered.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => new Failure
        {
            Code = FailureCodes.DatabaseNotPermitted,
            Message = $"The server refuses the login to {database}.",
            Remedy = "Check role, password reference and pg_hba.conf; then: kum retry.",
        },
        PostgresErrorCodes.InsufficientPrivilege => new Failure
        {
            Code = FailureCodes.DatabaseNotPermitted,
            Message = $"The role lacks a right in {database} that the step needs.",
            Remedy = "Give AdminUser a role that owns Kong's tables or is superuser; the agent's log names the object.",
            Details = Named(answered),
        },
        PostgresErrorCodes.InvalidCatalogName => Unreachable(database, "does not exist", "Check the database's name in the spec.") with { IsTransient = false },
        PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected => new Failure
        {
            Code = FailureCodes.LockTimeout,
            Message = $"A lock in {database} was not granted in time.",
            Remedy = "Look for long transactions in pg_stat_activity; then: kum retry.",
            IsTransient = true,
        },
        PostgresErrorCodes.DiskFull => new Failure
        {
            Code = FailureCodes.DiskSpaceLow,
            Message = $"The server of {database} has no disk space left.",
            Remedy = "Free space on the database server; then: kum retry.",
        },
        PostgresErrorCodes.TooManyConnections => Unreachable(database, "has no free connection", "Raise max_connections or end idle sessions; then: kum retry."),
        PostgresErrorCodes.QueryCanceled => new Failure
        {
            Code = FailureCodes.StepTimedOut,
            Message = $"A statement in {database} was cancelled by the server.",
            Remedy = "Check statement_timeout of the role and the load of the server; then: kum retry.",
            IsTransient = true,
        },
        var state when state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("57P", StringComparison.Ordinal) =>
            Unreachable(database, "is starting, stopping or gone", "Check the server; then: kum retry."),
        var state => new Failure
        {
            Code = FailureCodes.Unexpected,
            Message = $"{database} answered with SQLSTATE {state}, which the product does not expect.",
            Remedy = "See the agent's log for the whole answer; then: kum retry.",
            Details = Named(answered),
        },
    };

    private static Failure Unreachable(string database, string how, string remedy) => new()
    {
        Code = FailureCodes.DatabaseUnreachable,
        Message = $"{database} {how}.",
        Remedy = remedy,
        IsTransient = true,
    };

    // Names only: PostgreSQL's messages and details can quote row values.
    private static IReadOnlyList<string> Named(PostgresException answered) =>
        answered.TableName is { Length: > 0 } table ? [$"table {answered.SchemaName}.{table}"] : [];
}

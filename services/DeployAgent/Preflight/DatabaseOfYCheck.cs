using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Versions;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Preflight;

/// <summary>Cluster Y's database: not cluster X's, not somebody else's, on a server that suits, with a role that may create it. Everything by SELECT.</summary>
internal sealed class DatabaseOfYCheck : IPreflightCheck
{
    public async Task RunAsync(PreflightSubject subject, PreflightReport report, CancellationToken cancellationToken)
    {
        var database = subject.Databases.Y;
        var target = new TargetDatabase(subject.Databases, subject.UpgradeId);
        var state = await target.InspectAsync(cancellationToken);
        report.Fact("database of Y", $"{database}: {state}");
        if (state == TargetState.Foreign)
        {
            report.Problem(target.ForeignFailure());
        }

        await using var connection = await database.OpenMaintenanceAsync(cancellationToken);
        try
        {
            await CheckServerAsync(subject, connection, report, cancellationToken);
            await CheckRightsAsync(database, connection, report, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, database.ToString());
        }
    }

    private static async Task CheckServerAsync(PreflightSubject subject, NpgsqlConnection connection, PreflightReport report, CancellationToken cancellationToken)
    {
        var y = connection.PostgreSqlVersion.Major;
        report.Fact("PostgreSQL of Y", connection.PostgreSqlVersion);
        var tested = PostgresSupport.Of(subject.To);
        if (y < tested.Lowest)
        {
            report.Problem(FailureCodes.DatabaseVersionTooOld, $"Kong {subject.To} needs PostgreSQL {tested.Lowest} or later; the server of cluster Y is {y}.", "Use a newer server for cluster Y.");
        }
        else if (y > tested.Highest)
        {
            report.Warn($"Kong {subject.To} is tested up to PostgreSQL {tested.Highest}; the server of cluster Y is {y}.");
        }

        await using var other = await subject.Databases.X.OpenAsync(cancellationToken);
        var x = other.PostgreSqlVersion.Major;
        if (y < x)
        {
            report.Problem(FailureCodes.DatabaseVersionTooOld, $"The server of cluster Y (PostgreSQL {y}) is older than that of cluster X ({x}) and cannot take its dump.", "Use a server of the same or a newer major version for cluster Y.");
        }
    }

    private static async Task CheckRightsAsync(KongDatabase database, NpgsqlConnection connection, PreflightReport report, CancellationToken cancellationToken)
    {
        var user = database.Spec.User;
        if (!await connection.ScalarOrDefaultAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)", cancellationToken, user))
        {
            report.Problem(FailureCodes.DatabaseNotPermitted, $"The role {user} does not exist on the server of cluster Y.", $"Create it there: CREATE ROLE {user} LOGIN; with its password.");
            return;
        }

        var mayCreate = await connection.ScalarOrDefaultAsync<bool>("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user", cancellationToken);
        var mayHandOver = await connection.ScalarOrDefaultAsync<bool>("SELECT pg_has_role(current_user, $1, 'MEMBER')", cancellationToken, user);
        if (!mayCreate || !mayHandOver)
        {
            report.Problem(FailureCodes.DatabaseNotPermitted, $"The admin role of cluster Y's server cannot create a database owned by {user}.", "Name a role in to.database.adminUser with CREATEDB that is a member of the user, or a superuser.");
        }
    }
}

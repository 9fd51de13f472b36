using System.Globalization;
using KongUpgradeMesh.Contracts;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Which database this physically is, whatever host name, proxy or tunnel led to it.</summary>
/// <param name="SystemIdentifier">Identifier that <c>initdb</c> gave the server; standbys and physical copies share it.</param>
/// <param name="Oid">Object id of the database within the server.</param>
/// <param name="Name">Name of the database.</param>
public sealed record DatabaseIdentity(string SystemIdentifier, uint Oid, string Name)
{
    /// <summary>Reads the identity of the connected database; needs PostgreSQL 9.6 and the right to execute <c>pg_control_system</c>, which everybody has by default.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="cancellationToken">Gives up; without it the query gives up after 60 seconds.</param>
    /// <exception cref="StepFailedException">The identity cannot be read; never guessed.</exception>
    public static async Task<DatabaseIdentity> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT s.system_identifier::text, d.oid, d.datname::text
            FROM pg_catalog.pg_control_system() s, pg_catalog.pg_database d
            WHERE d.datname = pg_catalog.current_database()
            """;
        try
        {
            var rows = await connection.ListAsync(
                sql, static r => new DatabaseIdentity(r.GetString(0), r.GetFieldValue<uint>(1), r.GetString(2)), cancellationToken);
            return rows[0];
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; null when the text is nothing of that kind.</summary>
    /// <param name="text">For example the identity in the manifest of a backup.</param>
    public static DatabaseIdentity? TryParse(string text) =>
        text.Split('/', 3) is [{ Length: > 0 } system, var oid, { Length: > 0 } name] && uint.TryParse(oid, CultureInfo.InvariantCulture, out var number)
            ? new DatabaseIdentity(system, number, name)
            : null;

    /// <summary>Refuses to go on when cluster X and cluster Y would work in one database. A name is no proof, so it is not compared.</summary>
    /// <param name="x">Identity of cluster X's database.</param>
    /// <param name="y">Identity of the database that cluster Y is to use.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SameDatabase"/>.</exception>
    public static void EnsureDistinct(DatabaseIdentity x, DatabaseIdentity y)
    {
        if (x.SystemIdentifier != y.SystemIdentifier || x.Oid != y.Oid)
        {
            return;
        }

        throw new StepFailedException(new Failure
        {
            Code = FailureCodes.SameDatabase,
            Message = $"Cluster X and cluster Y point to the same database ({x}).",
            Remedy = "Give cluster Y a database of its own in spec.to.database; nothing was changed.",
        });
    }

    /// <summary>For people and for <c>DatabaseRestored</c>: <c>system identifier/oid/name</c>.</summary>
    public override string ToString() => $"{SystemIdentifier}/{Oid}/{Name}";
}

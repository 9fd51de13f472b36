using System.Data;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using KongUpgradeMesh.Contracts;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Takes and compares fingerprints of Kong's configuration. The server digests row by row, so neither side needs memory for a table.</summary>
/// <remarks>A row is digested by SHA-256 over its values in column-name order, so neither the physical order of rows and columns nor any setting of session, role or server counts. Needs PostgreSQL 11.</remarks>
public static class ConfigurationFingerprinter
{
    private const int TableSeconds = 1800;
    private static readonly BigInteger HalfModulus = BigInteger.One << 64;

    /// <summary>Takes the fingerprint in a read-only snapshot of its own.</summary>
    /// <param name="connection">An open connection without a transaction.</param>
    /// <param name="schema">Schema of Kong's tables.</param>
    /// <param name="scope">What counts.</param>
    /// <param name="cancellationToken">Gives up; without it each table gives up after 30 minutes.</param>
    /// <exception cref="StepFailedException">The database cannot be read, or is older than PostgreSQL 11.</exception>
    public static async Task<ConfigurationFingerprint> TakeAsync(
        NpgsqlConnection connection, string schema, FingerprintScope scope, CancellationToken cancellationToken)
    {
        try
        {
            await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            await connection.ExecuteAsync("SET TRANSACTION READ ONLY", cancellationToken);
            return await TakeAsync(snapshot, schema, scope, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }
    }

    /// <summary>Takes the fingerprint in a given snapshot, for example the exported one that a dump uses. Sets display settings for the rest of that transaction.</summary>
    /// <param name="snapshot">A repeatable-read transaction; it stays open.</param>
    /// <param name="schema">Schema of Kong's tables.</param>
    /// <param name="scope">What counts.</param>
    /// <param name="cancellationToken">Gives up; without it each table gives up after 30 minutes.</param>
    /// <exception cref="StepFailedException">The database cannot be read, or is older than PostgreSQL 11.</exception>
    public static async Task<ConfigurationFingerprint> TakeAsync(
        NpgsqlTransaction snapshot, string schema, FingerprintScope scope, CancellationToken cancellationToken)
    {
        var connection = snapshot.Connection ?? throw new ArgumentException("The transaction has ended.", nameof(snapshot));
        DatabaseFailures.EnsureRecent(connection);
        try
        {
            await connection.ExecuteAsync(FingerprintSql.Settings, cancellationToken);
            var columns = (await connection.ListAsync(
                    FingerprintSql.Columns,
                    static r => new FingerprintSql.Column(r.GetString(0), r.GetString(1), r.GetString(2)), cancellationToken, schema))
                .ToLookup(static c => c.Table, StringComparer.Ordinal);
            var tables = new List<TableFingerprint>();
            foreach (var table in TablesIn(columns, scope))
            {
                tables.Add(await DigestAsync(connection, schema, table, columns, scope, cancellationToken));
            }

            return new ConfigurationFingerprint { Root = RootOf(tables), Tables = tables };
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }
    }

    /// <summary>Names of the tables in which two fingerprints differ, including tables that only one of them has; empty when they are equal.</summary>
    /// <param name="a">One fingerprint.</param>
    /// <param name="b">The other, taken with the same scope.</param>
    public static IReadOnlyList<string> Compare(ConfigurationFingerprint a, ConfigurationFingerprint b)
    {
        var others = b.Tables.ToDictionary(static t => t.Table, StringComparer.Ordinal);
        var differing = a.Tables.Where(t => !others.Remove(t.Table, out var other) || other != t).Select(static t => t.Table).ToList();
        return [.. differing.Concat(others.Keys).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> TablesIn(ILookup<string, FingerprintSql.Column> columns, FingerprintScope scope)
    {
        var tables = KongTables.Classify([.. columns.Select(static c => c.Key)]);
        return tables.Configuration
            .Where(t => !scope.LeavesOutAcme || !KongTables.WrittenByAcme.Contains(t))
            .Concat(scope.IncludesUnknown ? tables.Unknown : [])
            .Order(StringComparer.Ordinal);
    }

    private static async Task<TableFingerprint> DigestAsync(
        NpgsqlConnection connection, string schema, string table, ILookup<string, FingerprintSql.Column> columns, FingerprintScope scope, CancellationToken cancellationToken)
    {
        var own = columns[table].ToList();
        var passing = columns
            .Where(c => (scope.LeavesOutAcme && KongTables.WrittenByAcme.Contains(c.Key)) || (KongTables.Configuration.Contains(c.Key) && c.Any(static x => x.Name == "ttl")))
            .Select(static c => c.Key)
            .Order(StringComparer.Ordinal)
            .ToList();
        var filter = scope.IncludesPassing ? null : FingerprintSql.LastingRows(table, own, passing);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names come from the catalogue and are quoted.
        command.CommandText = FingerprintSql.Digest(schema, table, own, filter);
#pragma warning restore CA2100
        command.CommandTimeout = TableSeconds;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new TableFingerprint
        {
            Table = table,
            Rows = reader.GetInt64(0),
            Digest = Digest(own.Select(static c => c.Name), reader.GetString(1), reader.GetString(2)),
        };
    }

    // The column names are one more "row": a table that lost a column differs even when it is empty.
    private static string Digest(IEnumerable<string> columns, string high, string low)
    {
        var names = Convert.ToHexStringLower(Hash(string.Join('\0', columns.Order(StringComparer.Ordinal))));
        return Half(high, names[..16]) + Half(low, names[16..32]);
    }

    private static string Half(string sum, string hexadecimal)
    {
        var total = BigInteger.Parse(sum, CultureInfo.InvariantCulture) + ulong.Parse(hexadecimal, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var half = ((total % HalfModulus) + HalfModulus) % HalfModulus;
        return ((ulong)half).ToString("x16", CultureInfo.InvariantCulture);
    }

    private static string RootOf(IEnumerable<TableFingerprint> tables) =>
        Convert.ToHexStringLower(Hash(string.Concat(tables.Select(static t => $"{t.Table}\0{t.Rows}\0{t.Digest}\n"))))[..32];

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}

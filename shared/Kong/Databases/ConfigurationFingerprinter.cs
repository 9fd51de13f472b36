using System.Data;
using System.Security.Cryptography;
using System.Text;
using KongUpgradeMesh.Contracts;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Takes and compares fingerprints of Kong's configuration. The server digests row by row, so neither side needs memory for a table.</summary>
/// <remarks>
/// <para>
/// A row is digested by SHA-256 over the binary form of its values in column-name order; a table's digest is the sum of the first 128 bits over all rows, modulo 2^128.
/// So neither the physical order of rows and columns, nor dead rows, nor any setting of session, role, database or server counts. Needs PostgreSQL 11.
/// </para>
/// <para>
/// SHA-256 is on every server since PostgreSQL 11, on every architecture the same (the server's own hash functions depend on byte order and promise nothing between releases),
/// and stays there where MD5 is forbidden (FIPS), which is slower besides. Two different tables have the same digest by accident with a probability of 2^-128.
/// Against malice it is a fence, not a seal: no single row can be forged, but who may write many rows can search for a set of rows with a given sum,
/// and who owns the tables can open the write fence anyway. Backups are protected by the digests of their files instead.
/// </para>
/// <para>
/// Large tables are read by parallel workers as far as the server's <c>max_parallel_workers_per_gather</c> (2 by default) lets them.
/// </para>
/// </remarks>
public static class ConfigurationFingerprinter
{
    private const int TableSeconds = 1800;

    /// <summary>The rows for which the views' filter holds, or those for which it does not, with the sum of each kind of row digest.</summary>
    private sealed record Group(bool IsCounted, IReadOnlyDictionary<string, RowSum> SumsByRow);

    /// <summary>Takes the fingerprint in a read-only snapshot of its own.</summary>
    /// <param name="connection">An open connection without a transaction.</param>
    /// <param name="schema">Schema of Kong's tables.</param>
    /// <param name="scope">What counts.</param>
    /// <param name="cancellationToken">Gives up; without it each table gives up after 30 minutes.</param>
    /// <exception cref="StepFailedException">The database cannot be read, or is older than PostgreSQL 11.</exception>
    public static Task<ConfigurationFingerprint> TakeAsync(
        NpgsqlConnection connection, string schema, FingerprintScope scope, CancellationToken cancellationToken) =>
        InSnapshotAsync(connection, snapshot => TakeAsync(snapshot, schema, scope, cancellationToken), cancellationToken);

    /// <summary>Takes the fingerprint in a given snapshot, for example the exported one that a dump uses. Sets display settings for the rest of that transaction.</summary>
    /// <param name="snapshot">A repeatable-read transaction; it stays open.</param>
    /// <param name="schema">Schema of Kong's tables.</param>
    /// <param name="scope">What counts.</param>
    /// <param name="cancellationToken">Gives up; without it each table gives up after 30 minutes.</param>
    /// <exception cref="StepFailedException">The database cannot be read, or is older than PostgreSQL 11.</exception>
    public static async Task<ConfigurationFingerprint> TakeAsync(
        NpgsqlTransaction snapshot, string schema, FingerprintScope scope, CancellationToken cancellationToken) =>
        (await TakeAllAsync(snapshot, schema, [scope], cancellationToken))[0];

    /// <summary>Takes both fingerprints that a backup needs in a read-only snapshot of its own, reading each table once.</summary>
    /// <param name="connection">An open connection without a transaction.</param>
    /// <param name="schema">Schema of Kong's tables.</param>
    /// <param name="scope">What <see cref="FingerprintPair.Lasting"/> covers.</param>
    /// <param name="cancellationToken">Gives up; without it each table gives up after 30 minutes.</param>
    /// <exception cref="StepFailedException">The database cannot be read, or is older than PostgreSQL 11.</exception>
    public static Task<FingerprintPair> TakePairAsync(
        NpgsqlConnection connection, string schema, FingerprintScope scope, CancellationToken cancellationToken) =>
        InSnapshotAsync(connection, snapshot => TakePairAsync(snapshot, schema, scope, cancellationToken), cancellationToken);

    /// <summary>Takes both fingerprints that a backup needs in a given snapshot, reading each table once. Sets display settings for the rest of that transaction.</summary>
    /// <param name="snapshot">A repeatable-read transaction; it stays open.</param>
    /// <param name="schema">Schema of Kong's tables.</param>
    /// <param name="scope">What <see cref="FingerprintPair.Lasting"/> covers.</param>
    /// <param name="cancellationToken">Gives up; without it each table gives up after 30 minutes.</param>
    /// <exception cref="StepFailedException">The database cannot be read, or is older than PostgreSQL 11.</exception>
    public static async Task<FingerprintPair> TakePairAsync(
        NpgsqlTransaction snapshot, string schema, FingerprintScope scope, CancellationToken cancellationToken)
    {
        var taken = await TakeAllAsync(snapshot, schema, [scope, scope.Complete], cancellationToken);
        return new FingerprintPair(taken[0], taken[1]);
    }

    /// <summary>Names of the tables in which two fingerprints differ, including tables that only one of them has; empty when they are equal. <see cref="RowComparison"/> goes on from there.</summary>
    /// <param name="a">One fingerprint.</param>
    /// <param name="b">The other, taken with the same scope.</param>
    public static IReadOnlyList<string> Compare(ConfigurationFingerprint a, ConfigurationFingerprint b)
    {
        var others = b.Tables.ToDictionary(static t => t.Table, StringComparer.Ordinal);
        var differing = a.Tables.Where(t => !others.Remove(t.Table, out var other) || other != t).Select(static t => t.Table).ToList();
        return [.. differing.Concat(others.Keys).Order(StringComparer.Ordinal)];
    }

    private static async Task<T> InSnapshotAsync<T>(NpgsqlConnection connection, Func<NpgsqlTransaction, Task<T>> take, CancellationToken cancellationToken)
    {
        try
        {
            await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            await connection.ExecuteAsync("SET TRANSACTION READ ONLY", cancellationToken);
            return await take(snapshot);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }
    }

    private static async Task<IReadOnlyList<ConfigurationFingerprint>> TakeAllAsync(
        NpgsqlTransaction snapshot, string schema, IReadOnlyList<FingerprintScope> scopes, CancellationToken cancellationToken)
    {
        var connection = snapshot.Connection ?? throw new ArgumentException("The transaction has ended.", nameof(snapshot));
        try
        {
            var catalog = await FingerprintCatalog.ReadAsync(connection, schema, cancellationToken);
            var taken = scopes.Select(static _ => new List<TableFingerprint>()).ToList();
            foreach (var table in catalog.TablesIn(scopes))
            {
                var views = scopes.Select(scope => catalog.View(table, scope)).ToList();
                var groups = await ReadAsync(connection, schema, table, views, cancellationToken);
                for (var index = 0; index < views.Count; index++)
                {
                    if (views[index] is { } view)
                    {
                        taken[index].Add(Fingerprint(table, view, groups));
                    }
                }
            }

            return [.. taken.Select(static tables => new ConfigurationFingerprint { Root = RootOf(tables), Tables = tables })];
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }
    }

    private static async Task<List<Group>> ReadAsync(
        NpgsqlConnection connection, string schema, string table, IReadOnlyList<TableView?> views, CancellationToken cancellationToken)
    {
        // Of two scopes only the first can have a filter: the other one is complete.
        var seen = views.OfType<TableView>().ToList();
        var filter = seen.Select(static v => v.Filter).FirstOrDefault(static f => f.Length > 0) ?? "";
        var rows = seen.Select(static v => v.Row).Distinct(StringComparer.Ordinal).ToList();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names come from the catalogue and are quoted.
        command.CommandText = FingerprintSql.Sums(schema, table, rows, filter, skipsOthers: seen.All(v => v.Filter == filter));
#pragma warning restore CA2100
        command.CommandTimeout = TableSeconds;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var groups = new List<Group>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var count = reader.GetInt64(1);
            groups.Add(new Group(reader.GetBoolean(0), rows.Index().ToDictionary(
                static row => row.Item,
                row => RowSum.OfBytes(count, Enumerable.Range(2 + (row.Index * FingerprintSql.DigestBytes), FingerprintSql.DigestBytes).Select(reader.GetInt64)))));
        }

        return groups;
    }

    private static TableFingerprint Fingerprint(string table, TableView view, IEnumerable<Group> groups)
    {
        var sum = groups.Where(g => view.Filter.Length == 0 || g.IsCounted).Aggregate(new RowSum(), (total, group) => total + group.SumsByRow[view.Row]);
        return new TableFingerprint { Table = table, Rows = sum.Rows, Digest = sum.Digest(view.Columns) };
    }

    private static string RootOf(IEnumerable<TableFingerprint> tables) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(tables.Select(static t => $"{t.Table}\0{t.Rows}\0{t.Digest}\n")))))[..32];
}

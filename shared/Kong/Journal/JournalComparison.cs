using System.Data;
using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;
using static KongUpgradeMesh.Kong.Databases.SqlCommands;

namespace KongUpgradeMesh.Kong.Journal;

/// <summary>Says write by write whether a return to cluster X would lose it: whether X's row has what Y's row has now.</summary>
/// <remarks>Rows are found by primary key and compared by digests in the columns that both versions have, <c>updated_at</c> left out. Reads only, on both sides, in read-only snapshots.</remarks>
public sealed class JournalComparison
{
    private const int Batch = 500;
    private const string Clock = "updated_at";
    private const string Truncation = "TRUNCATE";

    private readonly NpgsqlConnection _x;
    private readonly NpgsqlConnection _y;
    private readonly string _schema;
    private readonly ILookup<string, RowDigests.Column> _columnsX;
    private readonly ILookup<string, RowDigests.Column> _columnsY;

    private JournalComparison(NpgsqlConnection x, NpgsqlConnection y, string schema, ILookup<string, RowDigests.Column> columnsX, ILookup<string, RowDigests.Column> columnsY)
    {
        (_x, _y, _schema) = (x, y, schema);
        (_columnsX, _columnsY) = (columnsX, columnsY);
    }

    /// <summary>Judges every write.</summary>
    /// <param name="writes">From <see cref="WriteJournal.ReadAsync"/>.</param>
    /// <param name="x">An open connection to cluster X's database, without a transaction.</param>
    /// <param name="y">An open connection to cluster Y's database, without a transaction.</param>
    /// <param name="schema">Schema of Kong's tables, the same on both sides.</param>
    /// <param name="cancellationToken">Gives up; without it each query gives up after 60 seconds.</param>
    /// <returns>One judgement for each write, in the order given.</returns>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.SameDatabase"/>, or a database failure.</exception>
    public static async Task<IReadOnlyList<JudgedWrite>> JudgeAsync(
        IReadOnlyList<JournaledWrite> writes, NpgsqlConnection x, NpgsqlConnection y, string schema, CancellationToken cancellationToken)
    {
        DatabaseIdentity.EnsureDistinct(await DatabaseIdentity.ReadAsync(x, cancellationToken), await DatabaseIdentity.ReadAsync(y, cancellationToken));
        try
        {
            await using var ofX = await SnapshotAsync(x, cancellationToken);
            await using var ofY = await SnapshotAsync(y, cancellationToken);
            var comparison = new JournalComparison(
                x, y, schema, await RowDigests.ColumnsAsync(x, schema, cancellationToken), await RowDigests.ColumnsAsync(y, schema, cancellationToken));
            var judged = new Dictionary<long, JudgedWrite>();
            foreach (var group in writes.GroupBy(static w => (w.Table, IsTruncation: w.Operation == Truncation, Key: KeyColumns(w))))
            {
                foreach (var batch in group.Chunk(Batch))
                {
                    foreach (var one in await comparison.JudgeAsync(group.Key.Table, batch, cancellationToken))
                    {
                        judged[one.Write.Number] = one;
                    }
                }
            }

            return [.. writes.Select(w => judged[w.Number])];
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"databases {x.Database} and {y.Database}");
        }
    }

    /// <summary>Says of every write that it cannot be told, because cluster X cannot be asked.</summary>
    /// <param name="writes">The writes.</param>
    /// <param name="why">Why not.</param>
    public static IReadOnlyList<JudgedWrite> Unknown(IEnumerable<JournaledWrite> writes, string why) => [.. writes.Select(w => new JudgedWrite(w, null, why))];

    private static async Task<NpgsqlTransaction> SnapshotAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await connection.ExecuteAsync("SET TRANSACTION READ ONLY", cancellationToken);
        await connection.ExecuteAsync(FingerprintSql.Settings, cancellationToken);
        return snapshot;
    }

    private async Task<IEnumerable<JudgedWrite>> JudgeAsync(string table, JournaledWrite[] writes, CancellationToken cancellationToken)
    {
        var (ofX, ofY) = (_columnsX[table].ToList(), _columnsY[table].ToList());
        if (ofX.Count == 0)
        {
            return writes.Select(static w => new JudgedWrite(w, true, "cluster X has no such table"));
        }

        if (writes[0].Operation == Truncation)
        {
            var holdsRows = await _x.ScalarAsync<bool>($"SELECT EXISTS (SELECT 1 FROM {Quote(_schema)}.{Quote(table)})", cancellationToken);
            return writes.Select(w => new JudgedWrite(w, holdsRows, holdsRows ? "cluster X still has rows of this table" : "empty on cluster X as well"));
        }

        var shared = ofX.Select(static c => c.Name).Intersect(ofY.Select(static c => c.Name), StringComparer.Ordinal).ToList();
        var key = writes[0].Key?.Keys.Order(StringComparer.Ordinal).ToList() ?? [];
        if (key.Count == 0 || key.Except(shared).Any())
        {
            return writes.Select(static w => new JudgedWrite(w, null, "the table has no key by which both clusters know the row"));
        }

        var keys = writes.Select(w => key.Select(k => TextOf(w.Key![k])).ToArray()).ToList();
        var wanted = shared.Where(static c => c != Clock).ToList();
        var rowsX = await RowDigests.ReadAsync(_x, _schema, table, ofX, key, keys, wanted, cancellationToken);
        var rowsY = await RowDigests.ReadAsync(_y, _schema, table, ofY, key, keys, wanted, cancellationToken);
        return writes.Select((w, i) => Judge(w, rowsX.GetValueOrDefault(i), rowsY.GetValueOrDefault(i), wanted));
    }

    private static JudgedWrite Judge(JournaledWrite write, Dictionary<string, string>? x, Dictionary<string, string>? y, List<string> shared)
    {
        if (x is null || y is null)
        {
            return (x, y) switch
            {
                (null, null) => new JudgedWrite(write, false, "the row is on neither cluster"),
                (null, _) => new JudgedWrite(write, true, "cluster X has no such row"),
                _ => new JudgedWrite(write, true, "cluster X still has the row"),
            };
        }

        var touched = write.Columns?.Where(static c => c != Clock).ToList();
        var differing = (touched?.Intersect(shared) ?? shared).Where(c => x[c] != y[c]).ToList();
        if (differing.Count > 0)
        {
            return new JudgedWrite(write, true, $"differs in {string.Join(", ", differing)}");
        }

        var unknownToX = touched?.Except(shared).ToList() ?? [];
        return unknownToX.Count > 0
            ? new JudgedWrite(write, true, $"cluster X has no column {string.Join(", ", unknownToX)}")
            : new JudgedWrite(write, false, "the same on cluster X");
    }

    // A migration may have changed a table's key while it was journaled.
    private static string KeyColumns(JournaledWrite write) => string.Join('\0', write.Key?.Keys.Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>());

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };
}

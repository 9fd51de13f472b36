using System.Text;
using KongUpgradeMesh.Contracts;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Finds the rows in which a table differs between two snapshots, of two databases or of one database at two times.</summary>
/// <remarks>
/// Both servers digest and sort; their streams are merged here, so that memory is needed for the listed differences only. Sorting may use a server's temporary files.
/// No value leaves a server but those of primary keys.
/// </remarks>
public static class RowComparison
{
    /// <summary>Compares a table that <see cref="ConfigurationFingerprinter.Compare"/> named.</summary>
    /// <param name="before">The earlier snapshot.</param>
    /// <param name="after">The later snapshot, on another connection.</param>
    /// <param name="table">Table name without schema.</param>
    /// <param name="scope">The scope of the fingerprints that differ.</param>
    /// <param name="limit">How many differences are listed, 0 or more; all are counted.</param>
    /// <param name="cancellationToken">Gives up; without it a statement gives up after 30 minutes.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.CommandNotPossible"/> when the scope covers the table in neither snapshot, <see cref="FailureCodes.DatabaseVersionTooOld"/>, or a database failure.</exception>
    public static async Task<TableDifference> CompareAsync(
        ConfigurationSnapshot before, ConfigurationSnapshot after, string table, FingerprintScope scope, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        if (ReferenceEquals(ConnectionOf(before), ConnectionOf(after)))
        {
            throw new ArgumentException("Both snapshots are read at the same time, so they need a connection each.", nameof(after));
        }

        var earlier = await ComparedTable.ReadAsync(before, table, scope, cancellationToken);
        var later = await ComparedTable.ReadAsync(after, table, scope, cancellationToken);
        var comparison = new Comparison(table, earlier, later, limit);
        await comparison.MergeAsync(cancellationToken);
        return await comparison.ResultAsync(cancellationToken);
    }

    internal static NpgsqlConnection ConnectionOf(ConfigurationSnapshot snapshot) =>
        snapshot.Transaction.Connection ?? throw new ArgumentException("The transaction has ended.", nameof(snapshot));

    private sealed class Comparison
    {
        private readonly List<(RowChange Change, byte[][] Key)> _listed = [];
        private readonly long[] _counts = new long[3];
        private readonly string _table;
        private readonly ComparedTable _before;
        private readonly ComparedTable _after;
        private readonly int _limit;
        private readonly IReadOnlyList<FingerprintColumn> _key;
        private readonly IReadOnlyList<string> _columns;

        public Comparison(string table, ComparedTable before, ComparedTable after, int limit)
        {
            (_table, _before, _after, _limit) = (table, before, after, limit);
            if (before.View is null && after.View is null)
            {
                throw NotCovered(table);
            }

            // A table that only one snapshot has is compared with no rows, in its own shape.
            var (shape, other) = before.View is null ? (after, after) : (before, after.View is null ? before : after);
            _key = shape.Key.SequenceEqual(other.Key) ? shape.Key : [];
            _columns = [.. shape.View!.Columns.Intersect(other.View!.Columns, StringComparer.Ordinal)];
        }

        public async Task MergeAsync(CancellationToken cancellationToken)
        {
            Task<RowStream?>[] opening = [_before.OpenAsync(_key, _columns, cancellationToken), _after.OpenAsync(_key, _columns, cancellationToken)];
            try
            {
                await Task.WhenAll(opening);
                await MergeAsync(opening[0].Result, opening[1].Result, cancellationToken);
            }
            finally
            {
                foreach (var stream in opening.Where(static o => o.IsCompletedSuccessfully).Select(static o => o.Result).OfType<RowStream>())
                {
                    await stream.DisposeAsync();
                }
            }
        }

        public async Task<TableDifference> ResultAsync(CancellationToken cancellationToken)
        {
            var changed = _listed.Where(static l => l.Change == RowChange.Changed).Select(static l => l.Key).ToList();
            var before = await _before.DigestColumnsAsync(_key, _columns, changed, cancellationToken);
            var after = await _after.DigestColumnsAsync(_key, _columns, changed, cancellationToken);
            return new TableDifference
            {
                Table = _table,
                KeyColumns = [.. _key.Select(static k => k.Name)],
                AddedColumns = Missing(_after, _before),
                RemovedColumns = Missing(_before, _after),
                Added = _counts[(int)RowChange.Added],
                Removed = _counts[(int)RowChange.Removed],
                Changed = _counts[(int)RowChange.Changed],
                Rows = [.. _listed.Select(row => new RowDifference(row.Change, Text(row.Key), row.Change == RowChange.Changed ? Differing(before, after, row.Key) : []))],
            };
        }

        private async Task MergeAsync(RowStream? before, RowStream? after, CancellationToken cancellationToken)
        {
            var hasBefore = before is not null && await before.MoveNextAsync(cancellationToken);
            var hasAfter = after is not null && await after.MoveNextAsync(cancellationToken);
            while (hasBefore || hasAfter)
            {
                var order = !hasBefore ? 1 : !hasAfter ? -1 : RowStream.Compare(before!.Key, after!.Key);
                if (order < 0)
                {
                    Note(RowChange.Removed, before!.Key);
                }
                else if (order > 0)
                {
                    Note(RowChange.Added, after!.Key);
                }
                else if (RowStream.Compare(before!.Digests, after!.Digests) != 0)
                {
                    Note(RowChange.Changed, before.Key);
                }

                hasBefore = order <= 0 ? await before!.MoveNextAsync(cancellationToken) : hasBefore;
                hasAfter = order >= 0 ? await after!.MoveNextAsync(cancellationToken) : hasAfter;
            }
        }

        private void Note(RowChange change, byte[][] key)
        {
            _counts[(int)change]++;
            if (_listed.Count < _limit)
            {
                _listed.Add((change, key));
            }
        }

        private string[] Differing(Dictionary<string, byte[][]> before, Dictionary<string, byte[][]> after, byte[][] key)
        {
            var (earlier, later) = (before[ComparedTable.NameOf(key)], after[ComparedTable.NameOf(key)]);
            return [.. _columns.Where((_, index) => !earlier[index].AsSpan().SequenceEqual(later[index]))];
        }

        private string[] Text(byte[][] key) =>
        [
            .. _key.Select((column, part) => FingerprintSql.IsUuid(column) ? new Guid(key[part], bigEndian: true).ToString() : Encoding.UTF8.GetString(key[part])),
        ];

        private static string[] Missing(ComparedTable from, ComparedTable other) =>
            [.. (from.View?.Columns ?? []).Except(other.View?.Columns ?? [], StringComparer.Ordinal)];

        private static StepFailedException NotCovered(string table) => new(new Failure
        {
            Code = FailureCodes.CommandNotPossible,
            Message = $"Table {table} is not compared: it is in neither database, or it is no configuration.",
            Remedy = "Name a table of the fingerprint, or one that the failure lists.",
        });
    }
}

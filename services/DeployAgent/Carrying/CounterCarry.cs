using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Carrying;

/// <summary>Adds to cluster Y's counters what cluster X has counted since the last time.</summary>
/// <remarks>
/// A mark keeps the highest value of cluster X that has been added, and moves in the very statement that adds. So every request is added once,
/// however often and by however many agents this is done, in whatever order, and wherever one of them dies.
/// </remarks>
internal sealed class CounterCarry(CarrySession session, CounterTable table)
{
    // Small, because the nodes of cluster Y wait for these rows meanwhile.
    private const int BatchSize = 500;

    // Bound by the session's statement_timeout: the first row may be far down in a table that nobody cleans.
    private const int Unlimited = 0;

    private long _read;
    private long _added;
    private long _updated;

    /// <exception cref="KongUpgradeMesh.Contracts.StepFailedException">The tables do not fit one another.</exception>
    public async Task<CarriedTable> RunAsync(CancellationToken cancellationToken)
    {
        var columns = await session.SharedColumnsAsync(table.Name, [.. table.Key, table.Value], cancellationToken);
        await session.Y.ExecuteWithinAsync($"DELETE FROM {CarrySchema.Name}.{table.Name} WHERE {table.IsLongOver}", CarrySession.Bound, cancellationToken);
        var merge = Merge(columns);

        // A batch holds windows of one length: Kong locks a client's windows from the shortest to the longest, and must never wait for us while we wait for it.
        var batches = new Dictionary<string, List<string>>();
        await using (var command = new NpgsqlCommand(Read(columns), session.X) { CommandTimeout = Unlimited })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                _read++;
                var length = reader.GetString(0);
                if (!batches.TryGetValue(length, out var batch))
                {
                    batches[length] = batch = new List<string>(BatchSize);
                }

                batch.Add(reader.GetString(1));
                if (batch.Count == BatchSize)
                {
                    await MergeAsync(merge, batch, cancellationToken);
                }
            }
        }

        foreach (var rest in batches.Values.Where(static b => b.Count > 0))
        {
            await MergeAsync(merge, rest, cancellationToken);
        }

        return new CarriedTable { Table = table.Name, Read = _read, Added = _added, Updated = _updated, Removed = 0, Skipped = 0, Took = TimeSpan.Zero };
    }

    private async Task MergeAsync(string sql, List<string> rows, CancellationToken cancellationToken)
    {
        var counts = await session.Y.ListAsync(
            sql, static r => (Added: r.GetInt64(0), Updated: r.GetInt64(1)), cancellationToken, $"[{string.Join(',', rows)}]");
        _added += counts[0].Added;
        _updated += counts[0].Updated;
        rows.Clear();
    }

    private string Read(IReadOnlyList<string> columns) => $"""
        SELECT r.{table.Group}::text, to_json(r)::text
        FROM (SELECT {SqlCommands.QuoteAll(columns)} FROM {session.SchemaX}.{table.Name} WHERE {table.IsCurrent} AND {table.QuotedValue} > 0) r
        """;

    private string Merge(IReadOnlyList<string> columns)
    {
        var value = table.QuotedValue;
        var target = $"{session.SchemaY}.{table.Name}";
        var selected = string.Join(", ", columns.Select(c =>
            c == table.Value ? "LEAST(added, 2147483647)" : table.Key.Contains(c) ? SqlCommands.Quote(c) : $"incoming.{SqlCommands.Quote(c)}"));
        return $"""
            WITH incoming AS (SELECT * FROM json_populate_recordset(NULL::{target}, $1::json)),
            marked AS (
                INSERT INTO {CarrySchema.Name}.{table.Name} AS mark ({table.KeyList}, seen, seen_before)
                SELECT {table.KeyList}, {value}, 0 FROM incoming ORDER BY {table.KeyList}
                ON CONFLICT ({table.KeyList}) DO UPDATE SET seen = EXCLUDED.seen, seen_before = mark.seen WHERE mark.seen < EXCLUDED.seen
                RETURNING {table.KeyList}, seen - seen_before AS added),
            merged AS (
                INSERT INTO {target} AS counter ({SqlCommands.QuoteAll(columns)})
                SELECT {selected} FROM marked JOIN incoming USING ({table.KeyList}) ORDER BY {table.KeyList}
                ON CONFLICT ({table.KeyList}) DO UPDATE SET {value} = LEAST(coalesce(counter.{value}, 0)::bigint + EXCLUDED.{value}, 2147483647)
                RETURNING counter.xmax = 0 AS is_new)
            SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM merged
            """;
    }
}

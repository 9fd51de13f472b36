using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Carrying;

/// <summary>Brings OAuth 2.0 tokens that cluster X has issued, renewed or withdrawn since the last time to cluster Y.</summary>
/// <remarks>
/// A mark keeps the digest of the row as it was carried. A row of cluster Y follows cluster X only while it still is what was carried:
/// what cluster Y itself has renewed or withdrawn wins, also over a change on X, since its client has moved.
/// </remarks>
internal sealed class TokenCarry(CarrySession session)
{
    public const string Table = "oauth2_tokens";

    /// <summary>Key of the advisory lock under which one page after the other is carried.</summary>
    public const long Turn = 7310596421558248;

    private const int PageSize = 2000;

    private const string IsAlive = "(t.ttl IS NULL OR t.ttl > now())";

    private static readonly string[] Required = ["id", "access_token", "refresh_token", "ttl", "ws_id"];

    private long _read;
    private long _added;
    private long _updated;
    private long _removed;
    private long _skipped;

    /// <summary>SQL for the digest of what a client and Kong see of a token; the same on every PostgreSQL version when the session's time zone is UTC.</summary>
    public static string Digest(string row) =>
        $"md5(concat_ws('|', coalesce({row}.access_token, ''), coalesce({row}.refresh_token, ''), to_char({row}.ttl, 'YYYYMMDDHH24MISSUS')))";

    /// <exception cref="KongUpgradeMesh.Contracts.StepFailedException">The tables do not fit one another.</exception>
    public async Task<CarriedTable> RunAsync(CancellationToken cancellationToken)
    {
        var columns = await session.SharedColumnsAsync(Table, Required, cancellationToken);
        Guid? last = Guid.Empty;
        while (last is { } after)
        {
            last = await CarryPageAsync(columns, after, cancellationToken);
        }

        return new CarriedTable { Table = Table, Read = _read, Added = _added, Updated = _updated, Removed = _removed, Skipped = _skipped, Took = TimeSpan.Zero };
    }

    /// <returns>Where the next page begins; null when this was the last one.</returns>
    private async Task<Guid?> CarryPageAsync(IReadOnlyList<string> columns, Guid after, CancellationToken cancellationToken)
    {
        // The lock comes before the look at X: whoever comes second then sees at least what the first one saw, and revives nothing.
        await using var transaction = await session.Y.BeginTransactionAsync(cancellationToken);
        await session.Y.ExecuteWithinAsync($"SELECT pg_catalog.pg_advisory_xact_lock({Turn})", CarrySession.Bound, cancellationToken);
        var page = await session.X.ListAsync(
            $"SELECT t.id, {Digest("t")} FROM {session.SchemaX}.{Table} t WHERE t.id > $1 AND {IsAlive} ORDER BY t.id LIMIT {PageSize}",
            static r => (Id: r.GetGuid(0), Digest: r.GetString(1)), cancellationToken, after);
        Guid? last = page.Count < PageSize ? null : page[^1].Id;
        var (ids, digests) = (page.Select(static p => p.Id).ToArray(), page.Select(static p => p.Digest).ToArray());
        var rows = await FetchAsync(columns, ids, digests, cancellationToken);

        // From here on only cluster Y is asked, so that its rows are not held while cluster X is slow.
        var found = await session.Y.ListAsync(
            FollowSql(), static r => (Id: r.GetGuid(0), IsTaken: r.GetBoolean(1)), cancellationToken, ids, digests, after, last ?? (object)DBNull.Value);
        var changed = found.Where(static f => !f.IsTaken).Select(static f => f.Id).ToHashSet();
        var taken = found.Where(static f => f.IsTaken).Select(static f => f.Id).ToHashSet();
        _removed += taken.Count(id => !changed.Contains(id));
        _skipped += changed.Count(id => !taken.Contains(id));
        await InsertAsync(columns, rows.Where(r => !changed.Contains(r.Id) || taken.Contains(r.Id)).ToList(), changed, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        _read += page.Count;
        return last;
    }

    /// <summary>The rows of cluster X that are not on cluster Y as they are.</summary>
    private async Task<List<TokenRow>> FetchAsync(IReadOnlyList<string> columns, Guid[] ids, string[] digests, CancellationToken cancellationToken)
    {
        var wanted = await session.Y.ListAsync(
            $"""
            SELECT p.id FROM unnest($1::uuid[], $2::text[]) AS p (id, digest) LEFT JOIN {CarrySchema.Name}.{Table} mark ON mark.id = p.id
            WHERE mark.id IS NULL OR mark.digest <> p.digest
            """,
            static r => r.GetGuid(0), cancellationToken, ids, digests);
        return wanted.Count == 0 ? [] : await session.X.ListAsync(
            $"""
            SELECT t.id, {Digest("t")}, (SELECT to_json(r)::text FROM (SELECT {string.Join(", ", columns.Select(static c => "t." + SqlCommands.Quote(c)))}) r)
            FROM {session.SchemaX}.{Table} t WHERE t.id = ANY($1) AND {IsAlive}
            """,
            static r => new TokenRow(r.GetGuid(0), r.GetString(1), r.GetString(2)), cancellationToken, wanted.ToArray());
    }

    private async Task InsertAsync(IReadOnlyList<string> columns, List<TokenRow> rows, HashSet<Guid> changed, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var inserted = await session.Y.ListAsync(
            InsertSql(columns), static r => r.GetGuid(0), cancellationToken,
            $"[{string.Join(',', rows.Select(static r => r.Json))}]", rows.Select(static r => r.Id).ToArray(), rows.Select(static r => r.Digest).ToArray());
        var renewed = inserted.Count(changed.Contains);
        _updated += renewed;
        _added += inserted.Count - renewed;
        _skipped += rows.Count - inserted.Count;
    }

    /// <summary>Takes from cluster Y what has gone or changed on cluster X, as long as it still is what was carried.</summary>
    private string FollowSql() => $"""
        WITH page AS (SELECT * FROM unnest($1::uuid[], $2::text[]) AS p (id, digest)),
        gone AS (
            DELETE FROM {CarrySchema.Name}.{Table} mark
            WHERE mark.id > $3::uuid AND ($4::uuid IS NULL OR mark.id <= $4::uuid) AND NOT EXISTS (SELECT 1 FROM page p WHERE p.id = mark.id)
            RETURNING mark.id, mark.digest),
        changed AS (
            UPDATE {CarrySchema.Name}.{Table} mark SET digest = p.digest
            FROM page p JOIN {CarrySchema.Name}.{Table} was ON was.id = p.id
            WHERE mark.id = was.id AND p.digest <> was.digest
            RETURNING was.id, was.digest),
        taken AS (
            DELETE FROM {session.SchemaY}.{Table} t USING (SELECT id, digest FROM gone UNION ALL SELECT id, digest FROM changed) c
            WHERE t.id = c.id AND {Digest("t")} = c.digest
            RETURNING t.id, t.access_token, t.ws_id),
        {Tell("taken")}
        SELECT id, false FROM changed UNION ALL SELECT id, true FROM taken
        """;

    private string InsertSql(IReadOnlyList<string> columns) => $"""
        WITH incoming AS (SELECT * FROM json_populate_recordset(NULL::{session.SchemaY}.{Table}, $1::json)),
        marked AS (
            INSERT INTO {CarrySchema.Name}.{Table} (id, digest) SELECT * FROM unnest($2::uuid[], $3::text[])
            ON CONFLICT (id) DO UPDATE SET digest = EXCLUDED.digest),
        inserted AS (
            INSERT INTO {session.SchemaY}.{Table} ({SqlCommands.QuoteAll(columns)}) SELECT {SqlCommands.QuoteAll(columns)} FROM incoming
            ON CONFLICT DO NOTHING
            RETURNING id, access_token, ws_id),
        {Tell("inserted")}
        SELECT id FROM inserted
        """;

    // Kong's nodes keep tokens, and the lack of one, in memory until a cluster event names the key. An event is seen only if it is not older than
    // a node's last look, so it is dated a little ahead of this transaction's end.
    private string Tell(string rows) => $"""
        told AS (
            INSERT INTO {session.SchemaY}.cluster_events (id, node_id, at, expire_at, channel, data)
            SELECT md5(random()::text || clock_timestamp()::text || id::text)::uuid, '00000000-0000-0000-0000-000000000000',
                clock_timestamp() + interval '2 seconds', clock_timestamp() + interval '1 hour', 'invalidations',
                'oauth2_tokens:' || access_token || ':::::' || coalesce(ws_id::text, '')
            FROM {rows} WHERE access_token IS NOT NULL)
        """;

    /// <summary>A token on its way; its text is as secret as the token.</summary>
    private sealed record TokenRow(Guid Id, string Digest, string Json)
    {
        public override string ToString() => $"token {Id}";
    }
}

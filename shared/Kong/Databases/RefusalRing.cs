using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>Remembers who tried the latest refused writes, although each refusal rolls back all that its transaction wrote.</summary>
/// <remarks>
/// Only sequences survive a rollback, without an extension and without a superuser, so a slot of the ring is a row of sequences that hold 64 bits each.
/// Nothing is locked: a refusal that overtakes another in the same slot, or a look in between, mixes two of them. Each slot therefore
/// ends with a checksum over the rest, and what does not match is left out.
/// </remarks>
internal static class RefusalRing
{
    private const int Slots = 16;

    // When with operation and kind of address, table with role, address (2), application name (5), checksum.
    private const int Fields = 10;
    private const int AddressFrom = 2;
    private const int NameFrom = 4;
    private const string Prefix = "__refusal_";
    private const string Ticket = "__refusals__";
    private static readonly string[] Operations = ["INSERT", "UPDATE", "DELETE", "TRUNCATE"];

    /// <summary>Creates what is missing of the ring.</summary>
    public static readonly string Create = $"""
        DO $kum$ BEGIN
          IF (SELECT count(*) FROM pg_catalog.pg_sequences WHERE schemaname = '{FenceSql.Schema}' AND sequencename LIKE '\_\_refusal%') < {(Slots * Fields) + 1} THEN
            CREATE SEQUENCE IF NOT EXISTS {FenceSql.Schema}.{Ticket};
            FOR slot IN 0..{Slots - 1} LOOP
              FOR field IN 1..{Fields} LOOP
                EXECUTE pg_catalog.format('CREATE SEQUENCE IF NOT EXISTS {FenceSql.Schema}.{Prefix}%s_%s MINVALUE {long.MinValue} START 0', slot, field);
              END LOOP;
            END LOOP;
          END IF;
        END $kum$
        """;

    /// <summary>The variables of <see cref="Record"/>.</summary>
    public static readonly string Declarations = $"""
          slot bigint;
          address bytea := inet_send(inet_client_addr());
          who text := rpad(encode(coalesce(substr(address, 5), ''), 'hex'), 32, '0')
            || rpad(encode(convert_to(left(current_setting('application_name'), {(Fields - 1 - NameFrom) * 8}), 'UTF8'), 'hex'), {(Fields - 1 - NameFrom) * 16}, '0');
          fields bigint[];
        """;

    // to_regclass is null for what is not there and setval of null does nothing: a damaged ring never lets a write through under another SQLSTATE.
    // The name of an application is ASCII (PostgreSQL replaces what is not), so cutting it by characters cuts it by bytes.
    // session_user: the function runs as its owner, and SET ROLE would hide who logged in.

    /// <summary>Writes a refusal down; PL/pgSQL within a trigger function whose search_path is pg_catalog.</summary>
    public static readonly string Record = $"""
          slot := nextval(to_regclass('{FenceSql.Schema}.{Ticket}')) % {Slots};
          fields := ARRAY[
            ((extract(epoch FROM clock_timestamp()) * 1000000)::bigint << 4) | ((strpos('IUDT', left(TG_OP, 1)) - 1) << 2) | CASE length(address) WHEN 8 THEN 1 WHEN 20 THEN 2 ELSE 0 END,
            (TG_RELID::bigint << 32) | coalesce(to_regrole(quote_ident(session_user))::oid::bigint, 0)];
          FOR part IN 0..{Fields - 2 - AddressFrom} LOOP
            fields := fields || ('x' || substr(who, part * 16 + 1, 16))::bit(64)::bigint;
          END LOOP;
          fields := fields || ('x' || encode(substr(sha256(convert_to(array_to_string(fields, ','), 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint;
          PERFORM setval(to_regclass(format('{FenceSql.Schema}.{Prefix}%s_%s', slot, field)), fields[field]) FROM generate_series(1, {Fields}) field;
        """;

    /// <summary>Whether a sequence of the fence's schema belongs to the ring rather than counting a table's refusals.</summary>
    public static bool Owns(string sequence) => sequence.StartsWith("__refusal", StringComparison.Ordinal);

    /// <summary>The latest refusals, newest first.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="sequences">Names and values of the sequences of the fence's schema.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IReadOnlyList<RefusedWrite>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyDictionary<string, long> sequences, CancellationToken cancellationToken)
    {
        var slots = Enumerable.Range(0, Slots).Select(slot => Values(sequences, slot)).OfType<long[]>().Where(IsWhole).ToList();
        if (slots.Count == 0)
        {
            return [];
        }

        var tables = await NamesAsync(connection, "SELECT oid::int8, relname::text FROM pg_catalog.pg_class WHERE oid::int8 = ANY ($1)", slots, TableOf, cancellationToken);
        var roles = await NamesAsync(connection, "SELECT oid::int8, rolname::text FROM pg_catalog.pg_roles WHERE oid::int8 = ANY ($1)", slots, RoleOf, cancellationToken);
        return
        [
            .. slots
                .Select(values => new RefusedWrite(
                    At(values),
                    tables.GetValueOrDefault(TableOf(values)) ?? string.Create(CultureInfo.InvariantCulture, $"{TableOf(values)} (dropped)"),
                    Operations[(values[0] >> 2) & 3],
                    roles.GetValueOrDefault(RoleOf(values)),
                    ApplicationName(values),
                    Address(values)))
                .OrderByDescending(static r => r.At),
        ];
    }

    private static long[]? Values(IReadOnlyDictionary<string, long> sequences, int slot)
    {
        var values = new long[Fields];
        for (var field = 0; field < Fields; field++)
        {
            if (!sequences.TryGetValue(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{slot}_{field + 1}"), out values[field]))
            {
                return null;
            }
        }

        return values;
    }

    private static bool IsWhole(long[] values)
    {
        var text = string.Join(',', values[..^1].Select(static v => v.ToString(CultureInfo.InvariantCulture)));
        return BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes(text))) == values[^1];
    }

    private static async Task<Dictionary<long, string>> NamesAsync(
        NpgsqlConnection connection, string sql, List<long[]> slots, Func<long[], long> id, CancellationToken cancellationToken) =>
        new(await connection.ListAsync(
            sql, static r => KeyValuePair.Create(r.GetInt64(0), r.GetString(1)), cancellationToken, slots.Select(id).Distinct().ToArray()));

    private static DateTimeOffset At(long[] values) => DateTimeOffset.UnixEpoch.AddMicroseconds(values[0] >> 4);

    private static long TableOf(long[] values) => (long)((ulong)values[1] >> 32);

    private static long RoleOf(long[] values) => (uint)values[1];

    private static string? Address(long[] values) => (values[0] & 3) switch
    {
        1 => new IPAddress(Bytes(values[AddressFrom..NameFrom])[..4]).ToString(),
        2 => new IPAddress(Bytes(values[AddressFrom..NameFrom])).ToString(),
        _ => null,
    };

    private static string? ApplicationName(long[] values) =>
        Encoding.ASCII.GetString(Bytes(values[NameFrom..^1])).TrimEnd('\0') is { Length: > 0 } name ? name : null;

    private static byte[] Bytes(long[] values)
    {
        var bytes = new byte[values.Length * 8];
        for (var n = 0; n < values.Length; n++)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(n * 8), values[n]);
        }

        return bytes;
    }
}

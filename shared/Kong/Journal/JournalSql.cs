using System.Globalization;
using static KongUpgradeMesh.Kong.Databases.SqlCommands;

namespace KongUpgradeMesh.Kong.Journal;

/// <summary>The statements that make up the journal.</summary>
internal static class JournalSql
{
    public const string Schema = "kum_journal";
    public const string Stamp = $"{Schema}.__journal__";
    public const string RowTrigger = "kum_journal_rows";
    public const string TruncateTrigger = "kum_journal_truncate";

    /// <summary>One session at a time changes the journal of a database.</summary>
    public const string Serialise = "SELECT pg_catalog.pg_advisory_xact_lock(7310596421558248)";

    public const string CreateObjects = $"""
        CREATE SCHEMA IF NOT EXISTS {Schema};
        CREATE TABLE IF NOT EXISTS {Stamp} (upgrade_id uuid NOT NULL, installed_at timestamptz NOT NULL, ends_at timestamptz NOT NULL, row_limit bigint NOT NULL);
        CREATE TABLE IF NOT EXISTS {Schema}.writes (
          number bigint PRIMARY KEY, at timestamptz NOT NULL, transaction bigint NOT NULL, table_name text NOT NULL, operation text NOT NULL,
          key jsonb, columns text[], role text NOT NULL, application text, client inet);
        CREATE SEQUENCE IF NOT EXISTS {Schema}.counted;
        CREATE SEQUENCE IF NOT EXISTS {Schema}.failed;
        """;

    // What Kong's own background work writes is left out: expired rows and new hashes of the same secret.
    // Everything that can fail is inside the block: a journal that breaks must not break the write. Beyond the limit nothing is
    // stored, so no subtransaction gets an id. lock_timeout: whoever locks the journal's table must not hold Kong up.
    public static string CreateFunction(DateTimeOffset endsAt, long limit) => $"""
        CREATE OR REPLACE FUNCTION {Schema}.record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = pg_catalog SET lock_timeout = '100ms' AS $kum$
        DECLARE
          was jsonb; becomes jsonb; changed text[]; row_key jsonb; place bigint;
        BEGIN
          IF clock_timestamp() >= '{endsAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}+00'::timestamptz THEN RETURN NULL; END IF;
          BEGIN
            IF TG_LEVEL = 'ROW' THEN
              IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); END IF;
              IF TG_OP <> 'DELETE' THEN becomes := to_jsonb(NEW); END IF;
              IF TG_OP = 'UPDATE' THEN
                SELECT array_agg(n.key ORDER BY n.key) INTO changed FROM jsonb_each(becomes) n WHERE n.value IS DISTINCT FROM was -> n.key;
                IF changed IS NULL OR (changed = ARRAY['client_secret'] AND (becomes ->> 'hash_secret') = 'true') THEN RETURN NULL; END IF;
              ELSIF TG_OP = 'DELETE' AND (was ->> 'ttl')::timestamptz < now() THEN
                RETURN NULL;
              END IF;
              SELECT jsonb_object_agg(k, coalesce(was, becomes) -> k) INTO row_key FROM unnest(TG_ARGV) AS k;
            END IF;
            place := nextval('{Schema}.counted');
            IF place > {limit.ToString(CultureInfo.InvariantCulture)} THEN RETURN NULL; END IF;
            INSERT INTO {Schema}.writes VALUES (place, clock_timestamp(), txid_current(), TG_TABLE_NAME, TG_OP, row_key, changed,
              session_user, nullif(current_setting('application_name', true), ''), inet_client_addr());
          EXCEPTION WHEN OTHERS THEN
            BEGIN
              PERFORM nextval('{Schema}.failed');
            EXCEPTION WHEN OTHERS THEN
              NULL;
            END;
          END;
          RETURN NULL;
        END $kum$
        """;

    /// <summary>Makes every trigger do nothing, without a lock on any of Kong's tables.</summary>
    public const string Silence = $"""
        CREATE OR REPLACE FUNCTION {Schema}.record() RETURNS trigger LANGUAGE plpgsql AS $kum$ BEGIN RETURN NULL; END $kum$
        """;

    /// <summary>Tables of the schema with the columns of their primary key; for those without one, the column <c>id</c> where there is one.</summary>
    public const string Keys = """
        SELECT c.relname::text,
               coalesce((SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) FROM pg_catalog.pg_index i
                         JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
                         WHERE i.indrelid = c.oid AND i.indisprimary),
                        (SELECT ARRAY[a.attname::text] FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'id' AND NOT a.attisdropped),
                        '{}')
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')
        """;

    /// <summary>Triggers of the journal that fire: schema, table, name.</summary>
    public const string Triggers = $"""
        SELECT n.nspname::text, c.relname::text, t.tgname::text, t.tgenabled = 'A'
        FROM pg_catalog.pg_trigger t
        JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
        JOIN pg_catalog.pg_namespace f ON f.oid = p.pronamespace
        WHERE f.nspname = '{Schema}' AND NOT t.tgisinternal
        ORDER BY 1, 2, 3
        """;

    /// <summary>Both triggers of a table. AFTER: what was refused or changed by others is not recorded.</summary>
    public static string CreateTriggers(string schema, string table, IEnumerable<string> key)
    {
        var target = $"{Quote(schema)}.{Quote(table)}";
        return $"""
            DROP TRIGGER IF EXISTS {RowTrigger} ON {target};
            DROP TRIGGER IF EXISTS {TruncateTrigger} ON {target};
            CREATE TRIGGER {RowTrigger} AFTER INSERT OR UPDATE OR DELETE ON {target} FOR EACH ROW EXECUTE PROCEDURE {Schema}.record({string.Join(", ", key.Select(Literal))});
            CREATE TRIGGER {TruncateTrigger} AFTER TRUNCATE ON {target} FOR EACH STATEMENT EXECUTE PROCEDURE {Schema}.record();
            ALTER TABLE {target} ENABLE ALWAYS TRIGGER {RowTrigger}, ENABLE ALWAYS TRIGGER {TruncateTrigger};
            """;
    }
}

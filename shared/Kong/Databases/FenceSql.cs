using static KongUpgradeMesh.Kong.Databases.SqlCommands;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>The statements that make up the fence.</summary>
internal static class FenceSql
{
    public const string Schema = "kum_fence";
    public const string SqlState = "KF001";
    public const string Stamp = $"{Schema}.__fence__";
    public const string RowTrigger = "kum_fence_rows";
    public const string TruncateTrigger = "kum_fence_truncate";

    /// <summary>One session at a time changes the fence of a database.</summary>
    public const string Serialise = "SELECT pg_catalog.pg_advisory_xact_lock(7310596421558247)";

    public const string Open = $"""
        CREATE OR REPLACE FUNCTION {Schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $kum$
        BEGIN
          IF TG_LEVEL = 'STATEMENT' THEN RETURN NULL; END IF;
          IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
          RETURN NEW;
        END $kum$
        """;

    /// <summary>Identifies a catalogue row as its last change left it: whoever drops and recreates an object, or switches it off and on again, changes it.</summary>
    public static string Mark(string alias) => $"{alias}.oid::text || '/' || {alias}.xmin::text";

    // SECURITY DEFINER: the refused role needs no right in our schema. A sequence, because the refused transaction rolls back
    // and nextval does not. The allowances are those of Kong's own background writers; everything else is refused.
    public static string Body(Guid upgradeId) => $"""

        DECLARE
        {RefusalRing.Declarations}
        BEGIN
          IF TG_LEVEL = 'ROW' AND TG_NARGS > 0 THEN
            IF TG_ARGV[0] = '{Allowance.Expired}' AND TG_OP = 'DELETE' THEN
              IF OLD.ttl < pg_catalog.now() THEN RETURN OLD; END IF;
            ELSIF TG_ARGV[0] = '{Allowance.Rehash}' AND TG_OP = 'UPDATE' THEN
              IF OLD.hash_secret AND pg_catalog.to_jsonb(NEW) - 'client_secret' = pg_catalog.to_jsonb(OLD) - 'client_secret' THEN RETURN NEW; END IF;
            ELSIF TG_ARGV[0] = '{Allowance.Nested}' AND pg_catalog.pg_trigger_depth() > 1 THEN
              IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
              RETURN NEW;
            END IF;
          END IF;
          PERFORM nextval(to_regclass(format('{Schema}.%I', TG_TABLE_NAME)));
        {RefusalRing.Record}
          RAISE EXCEPTION USING
            ERRCODE = '{SqlState}',
            MESSAGE = pg_catalog.format('configuration is frozen: %s on %s refused', TG_OP, TG_TABLE_NAME),
            HINT = 'Kong Upgrade Mesh upgrades this cluster (upgrade {upgradeId}). Write again when it has ended.';
        END 
        """;

    public static string CreateFunction(Guid upgradeId) => $"""
        CREATE OR REPLACE FUNCTION {Schema}.refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $kum${Body(upgradeId)}$kum$
        """;

    /// <summary>Schema and stamp; a stamp of an earlier release gets the column it lacks, and only then is locked.</summary>
    public const string CreateStamp = $"""
        CREATE SCHEMA IF NOT EXISTS {Schema};
        CREATE TABLE IF NOT EXISTS {Stamp} (upgrade_id uuid NOT NULL, installed_at timestamptz NOT NULL, fingerprint text, record text);
        DO $kum$ BEGIN
          IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = '{Stamp}'::regclass AND attname = 'record' AND NOT attisdropped) THEN
            ALTER TABLE {Stamp} ADD COLUMN record text;
          END IF;
        END $kum$;
        """;

    /// <summary>What counts the refusals of each table.</summary>
    public static string CreateCounters(IEnumerable<string> tables) =>
        string.Concat(tables.Select(static t => $"CREATE SEQUENCE IF NOT EXISTS {Schema}.{Quote(t)};"));

    /// <summary>The lock that CREATE TRIGGER takes anyway: once it is granted, no transaction that wrote the table is open.</summary>
    public static string LockTables(string schema, IEnumerable<string> tables) =>
        $"LOCK TABLE {string.Join(", ", tables.Select(t => $"ONLY {Quote(schema)}.{Quote(t)}"))} IN SHARE ROW EXCLUSIVE MODE;";

    /// <summary>A trigger of the fence; ALWAYS, so that session_replication_role does not go around it.</summary>
    public static string CreateTrigger(string target, string name, Allowance allowance)
    {
        var writes = name == RowTrigger ? "INSERT OR UPDATE OR DELETE" : "TRUNCATE";
        var level = name == RowTrigger ? "ROW" : "STATEMENT";
        var argument = allowance == Allowance.None ? "" : $"'{allowance}'";
        return $"CREATE TRIGGER {name} BEFORE {writes} ON {target} FOR EACH {level} EXECUTE PROCEDURE {Schema}.refuse({argument});";
    }

    public static string EnableTriggers(string target, IEnumerable<string> names) =>
        $"ALTER TABLE {target} {string.Join(", ", names.Select(static n => $"ENABLE ALWAYS TRIGGER {n}"))};";

    /// <summary>Needs the table for itself alone, also without readers.</summary>
    public static string DropTrigger(string target, string name) => $"DROP TRIGGER IF EXISTS {Quote(name)} ON {target};";

    public static string Target(string schema, string table) => $"{Quote(schema)}.{Quote(table)}";
}

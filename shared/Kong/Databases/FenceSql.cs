using KongUpgradeMesh.Contracts.Specs;
using static KongUpgradeMesh.Kong.Databases.NpgsqlCommands;

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

    // SECURITY DEFINER: the refused role needs no right in our schema. A sequence, because the refused transaction rolls back
    // and nextval does not. The allowances are those of Kong's own background writers; everything else is refused.
    public static string Body(Guid upgradeId) => $"""

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
          PERFORM pg_catalog.nextval(pg_catalog.format('{Schema}.%I', TG_TABLE_NAME)::pg_catalog.regclass);
          RAISE EXCEPTION USING
            ERRCODE = '{SqlState}',
            MESSAGE = pg_catalog.format('configuration is frozen: %s on %s refused', TG_OP, TG_TABLE_NAME),
            HINT = 'Kong Upgrade Mesh upgrades this cluster (upgrade {upgradeId}). Write again when it has ended.';
        END 
        """;

    public static string CreateFunction(Guid upgradeId) => $"""
        CREATE OR REPLACE FUNCTION {Schema}.refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $kum${Body(upgradeId)}$kum$
        """;

    public const string CreateStamp = $"""
        CREATE SCHEMA IF NOT EXISTS {Schema};
        CREATE TABLE IF NOT EXISTS {Stamp} (upgrade_id uuid NOT NULL, installed_at timestamptz NOT NULL, fingerprint text);
        """;

    /// <summary>Both triggers of a table; ALWAYS, so that session_replication_role does not go around them.</summary>
    public static string CreateTriggers(string schema, string table, Allowance allowance)
    {
        var target = $"{Quote(schema)}.{Quote(table)}";
        var argument = allowance == Allowance.None ? "" : $"'{allowance}'";
        return $"""
            DROP TRIGGER IF EXISTS {RowTrigger} ON {target};
            DROP TRIGGER IF EXISTS {TruncateTrigger} ON {target};
            CREATE TRIGGER {RowTrigger} BEFORE INSERT OR UPDATE OR DELETE ON {target} FOR EACH ROW EXECUTE PROCEDURE {Schema}.refuse({argument});
            CREATE TRIGGER {TruncateTrigger} BEFORE TRUNCATE ON {target} FOR EACH STATEMENT EXECUTE PROCEDURE {Schema}.refuse();
            ALTER TABLE {target} ENABLE ALWAYS TRIGGER {RowTrigger}, ENABLE ALWAYS TRIGGER {TruncateTrigger};
            CREATE SEQUENCE IF NOT EXISTS {Schema}.{Quote(table)};
            """;
    }

    /// <summary>The lock that CREATE TRIGGER takes anyway: once it is granted, no transaction that wrote the table is open.</summary>
    public static string LockTables(string schema, IEnumerable<string> tables) =>
        $"LOCK TABLE {string.Join(", ", tables.Select(t => $"ONLY {Quote(schema)}.{Quote(t)}"))} IN SHARE ROW EXCLUSIVE MODE";

    /// <summary>One round's limits: each lock, and the round as a whole, since locks already granted hold writers up while the rest is awaited.</summary>
    public static string LimitLocks(FreezeSpec freeze) => $"""
        SET LOCAL lock_timeout = {Milliseconds(freeze.LockTimeout)};
        SET LOCAL statement_timeout = {4 * Milliseconds(freeze.LockTimeout)};
        """;

    public const string AllowWork = "SET LOCAL statement_timeout = 30000";

    private static long Milliseconds(TimeSpan span) => Math.Max(1, (long)span.TotalMilliseconds);
}

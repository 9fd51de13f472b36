namespace KongUpgradeMesh.Tests.Databases;

/// <summary>Every way to write a table, as a statement for any table that has a row.</summary>
internal static class WriterKinds
{
    /// <summary>Name of each kind with its statement; <c>{0}</c> is the table, <c>{1}</c> its first column.</summary>
    public static IReadOnlyDictionary<string, string> Statements { get; } = new Dictionary<string, string>
    {
        ["insert"] = "INSERT INTO {0} SELECT * FROM {0} LIMIT 1",
        ["insert, on conflict do nothing"] = "INSERT INTO {0} SELECT * FROM {0} LIMIT 1 ON CONFLICT DO NOTHING",
        ["upsert"] = "INSERT INTO {0} SELECT * FROM {0} LIMIT 1 ON CONFLICT {2} DO UPDATE SET {1} = EXCLUDED.{1}",
        ["update"] = "UPDATE {0} SET {1} = {1}",
        ["update of one row by its place"] = "UPDATE {0} SET {1} = {1} WHERE ctid = (SELECT min(ctid) FROM {0})",
        ["delete"] = "DELETE FROM {0}",
        ["delete within a query"] = "WITH d AS (DELETE FROM {0} RETURNING *) SELECT count(*) FROM d",
        ["truncate"] = "TRUNCATE {0} CASCADE",
        ["truncate only"] = "TRUNCATE ONLY {0} RESTART IDENTITY CASCADE",
        ["merge"] = "MERGE INTO {0} t USING (SELECT * FROM {0} LIMIT 1) s ON t.{1} = s.{1} WHEN MATCHED THEN DELETE",
        ["within a function"] = "DO $$ BEGIN EXECUTE 'DELETE FROM {0}'; END $$",
        ["two-phase"] = "BEGIN; DELETE FROM {0}; PREPARE TRANSACTION 'past-the-fence'",
    };

    /// <summary>Statements that a role runs before it writes, to get around triggers.</summary>
    public static IReadOnlyDictionary<string, string> Disguises { get; } = new Dictionary<string, string>
    {
        ["owner"] = "SELECT 1",
        ["superuser"] = "SELECT 1",
        ["superuser as replica"] = "SET session_replication_role = replica",
        ["superuser as local"] = "SET session_replication_role = local; SET constraint_exclusion = off; SET row_security = off",
    };
}

using System.Text;
using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Migrations;

/// <summary>What <c>schema_meta</c> says, seen by one release. Migrations that the release does not know (made by a newer one) are ignored.</summary>
internal sealed record SchemaState(
    bool NeedsBootstrap,
    IReadOnlyList<Migration> Executed,
    IReadOnlyList<Migration> Pending,
    IReadOnlyList<Migration> New)
{
    public bool IsUpToDate => !NeedsBootstrap && Pending.Count == 0 && New.Count == 0;

    public static async Task<SchemaState> LoadAsync(NpgsqlConnection connection, Flavour flavour, CancellationToken cancellationToken)
    {
        var known = MigrationCatalog.Of(flavour);
        await using (var exists = new NpgsqlCommand("SELECT to_regclass('schema_meta') IS NOT NULL", connection))
        {
            if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return new SchemaState(true, [], [], known);
            }
        }

        var executed = new HashSet<(string, string)>();
        var pending = new HashSet<(string, string)>();
        await using (var read = new NpgsqlCommand("SELECT subsystem, executed, pending FROM schema_meta WHERE key = 'schema_meta'", connection))
        await using (var rows = await read.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                var subsystem = rows.GetString(0);
                foreach (var name in rows.IsDBNull(1) ? [] : rows.GetFieldValue<string[]>(1))
                {
                    executed.Add((subsystem, name));
                }

                foreach (var name in rows.IsDBNull(2) ? [] : rows.GetFieldValue<string[]>(2))
                {
                    pending.Add((subsystem, name));
                }
            }
        }

        // An empty table is what a bootstrap leaves that died before its first migration.
        return new SchemaState(
            executed.Count == 0,
            [.. known.Where(m => executed.Contains((m.Subsystem, m.Name)))],
            [.. known.Where(m => pending.Contains((m.Subsystem, m.Name)))],
            [.. known.Where(m => !executed.Contains((m.Subsystem, m.Name)) && !pending.Contains((m.Subsystem, m.Name)))]);
    }

    /// <summary>One right-aligned line per subsystem, as <c>kong migrations list</c> prints them.</summary>
    public static string Format(IReadOnlyList<Migration> migrations)
    {
        var width = migrations.Count == 0 ? 0 : migrations.Max(m => m.Subsystem.Length);
        var text = new StringBuilder();
        foreach (var subsystem in migrations.GroupBy(m => m.Subsystem))
        {
            text.Append(subsystem.Key.PadLeft(width)).Append(": ").AppendJoin(", ", subsystem.Select(m => m.Name)).Append('\n');
        }

        return text.ToString().TrimEnd('\n');
    }
}

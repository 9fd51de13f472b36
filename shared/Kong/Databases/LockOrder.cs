using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>The order in which Kong's own transactions lock tables: what is referenced before what refers to it (a delete cascades), <c>tags</c> last (triggers write it).</summary>
/// <remarks>In another order the fence and a writer would each hold what the other waits for, until one of them gives up.</remarks>
internal static class LockOrder
{
    public static async Task<List<string>> SortAsync(NpgsqlConnection connection, string schema, IReadOnlyCollection<string> tables, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT DISTINCT c.relname::text, p.relname::text
            FROM pg_catalog.pg_constraint k
            JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
            JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE k.contype = 'f' AND n.nspname = $1 AND p.relnamespace = n.oid AND c.oid <> p.oid
            """;
        var references = await connection.ListAsync(sql, static r => (Child: r.GetString(0), Parent: r.GetString(1)), cancellationToken, schema);
        return Sort(tables, references);
    }

    internal static List<string> Sort(IReadOnlyCollection<string> tables, IReadOnlyCollection<(string Child, string Parent)> references)
    {
        var parents = references.ToLookup(static r => r.Child, static r => r.Parent, StringComparer.Ordinal);
        var sorted = new List<string>(tables.Count);
        var left = tables.Where(static t => t != "tags").Order(StringComparer.Ordinal).ToList();
        while (left.Count > 0)
        {
            // Tables that refer to one another in a circle have no right order: then any will do.
            var next = left.Find(t => !parents[t].Any(left.Contains)) ?? left[0];
            left.Remove(next);
            sorted.Add(next);
        }

        sorted.AddRange(tables.Where(static t => t == "tags"));
        return sorted;
    }
}

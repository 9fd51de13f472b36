using System.Collections.Frozen;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using Npgsql;

namespace KongUpgradeMesh.Kong.Databases;

/// <summary>What Kong's tables hold, for the open-source and Enterprise editions 2.x and 3.x.</summary>
public static class KongTables
{
    private const string VitalsPrefix = "vitals_";

    /// <summary>Tables that hold configuration, see <see cref="ConfigurationTables"/>.</summary>
    public static FrozenSet<string> Configuration { get; } = ConfigurationTables.All.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Tables that proxies write while they serve; the dated <c>vitals_*</c> tables belong to them as well.</summary>
    public static FrozenSet<string> Runtime { get; } = FrozenSet.ToFrozenSet(
    [
        "cluster_events", "locks", "ratelimiting_metrics", "response_ratelimiting_metrics", "oauth2_tokens", "oauth2_authorization_codes",
        "sessions", "session_metadatas", "acme_storage", "clustering_data_planes", "clustering_rpc_requests", "cluster_ca", "ttls",

        // Enterprise
        "rl_counters", "clustering_sync_version", "clustering_sync_delta", "clustering_sync_lock", "audit_requests", "audit_objects",
        "license_data", "license_llm_data", "login_attempts", "basicauth_brute_force_metrics", "basicauth_brute_force_locks",
        "workspace_entity_counters", "workspace_entities", "ws_migrations_backup", "oic_issuers", "oic_jwks", "jwt_signer_jwks",
    ], StringComparer.Ordinal);

    /// <summary>Configuration that the ACME plugin writes from proxies when it issues or renews a certificate.</summary>
    public static FrozenSet<string> WrittenByAcme { get; } = FrozenSet.ToFrozenSet(["certificates", "snis"], StringComparer.Ordinal);

    private static readonly FrozenSet<string> Stale = FrozenSet.ToFrozenSet(
    [
        "cluster_events", "locks", "response_ratelimiting_metrics", "oauth2_authorization_codes", "clustering_data_planes", "clustering_rpc_requests",
        "audit_requests", "audit_objects", "license_data", "license_llm_data", "login_attempts",
        "basicauth_brute_force_metrics", "basicauth_brute_force_locks",
    ], StringComparer.Ordinal);

    // The session plugin changed its cookie and storage format here.
    private static readonly FrozenSet<string> Sessions = FrozenSet.ToFrozenSet(["sessions", "session_metadatas"], StringComparer.Ordinal);
    private static readonly Version SessionFormatChange = new(3, 2);

    /// <summary>Sorts the tables of <paramref name="schema"/> into configuration, run-time state and unknown.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="schema">Schema of Kong's tables.</param>
    /// <param name="cancellationToken">Gives up; without it the query gives up after 60 seconds.</param>
    /// <exception cref="StepFailedException">The catalogue cannot be read.</exception>
    public static async Task<TableClassification> ClassifyAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        const string sql = """
            SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')
            """;
        try
        {
            var tables = await connection.ListAsync(sql, static r => r.GetString(0), cancellationToken, schema);
            tables.Sort(StringComparer.Ordinal);
            return Classify(tables);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, $"database {connection.Database} at {connection.Host}:{connection.Port}");
        }
    }

    /// <summary>Whether the rows of a run-time table go to cluster Y; its definition always does.</summary>
    /// <param name="table">Table name without schema.</param>
    /// <param name="from">Kong's version of cluster X.</param>
    /// <param name="to">Kong's version of cluster Y.</param>
    /// <returns>True for every table that is not run-time state.</returns>
    public static bool CopiesRows(string table, string from, string to)
    {
        if (Sessions.Contains(table))
        {
            return IsBefore(from, SessionFormatChange) == IsBefore(to, SessionFormatChange);
        }

        return !Stale.Contains(table) && !table.StartsWith(VitalsPrefix, StringComparison.Ordinal);
    }

    internal static TableClassification Classify(IReadOnlyList<string> tables)
    {
        bool IsRuntime(string table) => Runtime.Contains(table) || table.StartsWith(VitalsPrefix, StringComparison.Ordinal);
        return new TableClassification(
            [.. tables.Where(Configuration.Contains)],
            [.. tables.Where(IsRuntime)],
            [.. tables.Where(t => !Configuration.Contains(t) && !IsRuntime(t))]);
    }

    // A version that cannot be read counts as old on both sides, so that sessions are copied only when both are the same kind of unknown.
    private static bool IsBefore(string version, Version limit)
    {
        var parts = version.Split('.', 3);
        return parts.Length < 2 || !Version.TryParse($"{parts[0]}.{parts[1]}", out var parsed) || parsed < limit;
    }
}

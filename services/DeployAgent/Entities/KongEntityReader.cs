using System.Data;
using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Entities;

/// <summary>Reads the configuration out of a Kong database of any version, in one read-only snapshot.</summary>
internal static class KongEntityReader
{
    // More would only cost time: one credential per consumer and plugin is all that tests use.
    private const int CredentialSample = 500;

    private static readonly JsonSerializerOptions Columns = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    // Tables whose mere content decides a rule.
    private static readonly string[] Watched = ["vaults_beta", "consumer_group_plugins", "license_llm_data", "licenses", "keyring_keys", "keyauth_credentials"];

    /// <exception cref="StepFailedException">The database cannot be read.</exception>
    public static async Task<KongEntities> ReadAsync(KongDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        try
        {
            await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            await using var readOnly = new NpgsqlCommand("SET TRANSACTION READ ONLY", connection, snapshot);
            await readOnly.ExecuteNonQueryAsync(cancellationToken);
            return await ReadAsync(new KongTableReader(connection, database.Schema), cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw DatabaseFailures.Of(exception, database.ToString());
        }
    }

    private static async Task<KongEntities> ReadAsync(KongTableReader reader, CancellationToken cancellationToken)
    {
        var tables = await reader.TablesAsync(cancellationToken);
        var credentials = await CredentialsAsync(reader, tables, cancellationToken);
        var filled = new HashSet<string>();
        foreach (var table in Watched.Where(tables.Contains))
        {
            if (await reader.AnyRowAsync(table, cancellationToken))
            {
                filled.Add(table);
            }
        }

        return new KongEntities
        {
            Tables = tables,
            FilledTables = filled,
            Services = await RowsAsync<ServiceEntity>(reader, "services", cancellationToken),
            Routes = await RowsAsync<RouteEntity>(reader, "routes", cancellationToken),
            Plugins = await RowsAsync<PluginEntity>(reader, "plugins", cancellationToken),
            Certificates = await CertificatesAsync(reader, tables, cancellationToken),
            Credentials = credentials,
            Groups = tables.Contains("acls") ? await GroupsAsync(reader, credentials, cancellationToken) : [],
            Workspaces = tables.Contains("workspaces") ? await reader.TextsAsync("SELECT name FROM {0}.workspaces WHERE name IS NOT NULL", cancellationToken) : [],
            DuplicateTargets = await reader.TextsAsync(
                "SELECT target || ' of upstream ' || upstream_id FROM {0}.targets GROUP BY upstream_id, target HAVING count(*) > 1", cancellationToken),
        };
    }

    private static async Task<List<T>> RowsAsync<T>(KongTableReader reader, string table, CancellationToken cancellationToken)
    {
        var rows = await reader.TextsAsync($"SELECT to_jsonb(t)::text FROM {{0}}.{table} t ORDER BY t.id", cancellationToken);
        return [.. rows.Select(static r => JsonSerializer.Deserialize<T>(r, Columns)!)];
    }

    private static async Task<List<CertificateEntity>> CertificatesAsync(KongTableReader reader, IReadOnlySet<string> tables, CancellationToken cancellationToken)
    {
        var found = new List<CertificateEntity>();
        foreach (var table in new[] { "certificates", "ca_certificates" }.Where(tables.Contains))
        {
            found.AddRange(await reader.RowsAsync(
                $"SELECT id, cert FROM {{0}}.{table} WHERE cert IS NOT NULL", r => new CertificateEntity(r.GetGuid(0), table, r.GetString(1)), cancellationToken));
        }

        return found;
    }

    private static async Task<List<CredentialEntity>> CredentialsAsync(KongTableReader reader, IReadOnlySet<string> tables, CancellationToken cancellationToken)
    {
        var found = new List<CredentialEntity>();
        if (tables.Contains("keyauth_credentials"))
        {
            found.AddRange(await reader.RowsAsync(
                $"SELECT consumer_id, key FROM {{0}}.keyauth_credentials WHERE consumer_id IS NOT NULL AND key IS NOT NULL AND (ttl IS NULL OR ttl > now() + interval '1 hour') ORDER BY id LIMIT {CredentialSample}",
                static r => new CredentialEntity("key-auth", r.GetGuid(0), r.GetString(1), null, null), cancellationToken));
        }

        if (tables.Contains("jwt_secrets"))
        {
            found.AddRange(await reader.RowsAsync(
                $"SELECT consumer_id, key, secret, algorithm FROM {{0}}.jwt_secrets WHERE consumer_id IS NOT NULL AND key IS NOT NULL AND secret IS NOT NULL ORDER BY id LIMIT {CredentialSample}",
                static r => new CredentialEntity("jwt", r.GetGuid(0), r.GetString(1), r.GetString(2), r.IsDBNull(3) ? "HS256" : r.GetString(3)), cancellationToken));
        }

        if (tables.Contains("hmacauth_credentials"))
        {
            found.AddRange(await reader.RowsAsync(
                $"SELECT consumer_id, username, secret FROM {{0}}.hmacauth_credentials WHERE consumer_id IS NOT NULL AND username IS NOT NULL AND secret IS NOT NULL ORDER BY id LIMIT {CredentialSample}",
                static r => new CredentialEntity("hmac-auth", r.GetGuid(0), r.GetString(1), r.GetString(2), null), cancellationToken));
        }

        return found;
    }

    private static Task<List<AclEntity>> GroupsAsync(KongTableReader reader, List<CredentialEntity> credentials, CancellationToken cancellationToken) =>
        reader.RowsAsync(
            "SELECT consumer_id, \"group\" FROM {0}.acls WHERE consumer_id = ANY($1) AND \"group\" IS NOT NULL",
            static r => new AclEntity(r.GetGuid(0), r.GetString(1)),
            cancellationToken,
            credentials.Select(static c => c.ConsumerId).Distinct().ToArray());
}

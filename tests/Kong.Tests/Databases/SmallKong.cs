using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Lab.Servers;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>A database with the tables of Kong 2.8 that matter to fence and fingerprint, owned by a role that is no superuser.</summary>
public sealed class SmallKong(PostgresServer server, string name)
{
    public const string Owner = "kong_owner";

    private const string Schema = """
        CREATE TABLE workspaces (id uuid PRIMARY KEY, name text UNIQUE);
        CREATE TABLE schema_meta (key text, subsystem text, last_executed text, executed text[], pending text[], PRIMARY KEY (key, subsystem));
        CREATE TABLE tags (entity_id uuid PRIMARY KEY, entity_name text, tags text[]);
        CREATE TABLE services (id uuid PRIMARY KEY, name text UNIQUE, host text, port bigint, tags text[], created_at timestamptz DEFAULT now(), enabled boolean DEFAULT true);
        CREATE TABLE consumers (id uuid PRIMARY KEY, username text, tags text[]);
        CREATE TABLE plugins (id uuid PRIMARY KEY, name text, config jsonb NOT NULL, service_id uuid REFERENCES services (id) ON DELETE CASCADE, enabled boolean);
        CREATE TABLE keyauth_credentials (id uuid PRIMARY KEY, consumer_id uuid REFERENCES consumers (id) ON DELETE CASCADE, key text UNIQUE, tags text[], ttl timestamptz);
        CREATE TABLE oauth2_credentials (id uuid PRIMARY KEY, consumer_id uuid REFERENCES consumers (id) ON DELETE CASCADE, name text, client_id text, client_secret text, hash_secret boolean, tags text[]);
        CREATE TABLE certificates (id uuid PRIMARY KEY, cert text, key text);
        CREATE TABLE snis (id uuid PRIMARY KEY, name text UNIQUE, certificate_id uuid REFERENCES certificates (id));
        CREATE TABLE oauth2_tokens (id uuid PRIMARY KEY, credential_id uuid REFERENCES oauth2_credentials (id) ON DELETE CASCADE, access_token text, ttl timestamptz);
        CREATE TABLE ratelimiting_metrics (identifier text, period text, period_date timestamptz, value integer, PRIMARY KEY (identifier, period, period_date));
        CREATE TABLE cluster_events (id uuid PRIMARY KEY, channel text, data text, at timestamptz);
        CREATE TABLE locks (key text PRIMARY KEY, owner text, ttl timestamptz);
        CREATE TABLE sessions (id uuid PRIMARY KEY, session_id text, data text, ttl timestamptz);
        CREATE FUNCTION sync_tags() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'DELETE' THEN DELETE FROM tags WHERE entity_id = OLD.id; RETURN OLD; END IF;
          INSERT INTO tags VALUES (NEW.id, TG_TABLE_NAME, NEW.tags) ON CONFLICT (entity_id) DO UPDATE SET tags = EXCLUDED.tags;
          RETURN NEW;
        END $$;
        CREATE TRIGGER services_sync AFTER INSERT OR DELETE OR UPDATE OF tags ON services FOR EACH ROW EXECUTE PROCEDURE sync_tags();
        CREATE TRIGGER keyauth_sync AFTER INSERT OR DELETE OR UPDATE OF tags ON keyauth_credentials FOR EACH ROW EXECUTE PROCEDURE sync_tags();
        """;

    private const string Rows = """
        INSERT INTO workspaces VALUES ('00000000-0000-0000-0000-000000000001', 'default');
        INSERT INTO schema_meta VALUES ('schema_meta', 'core', '015_270_to_280', '{000_base,015_270_to_280}', '{}'), ('schema_meta', 'acl', '004_212_to_213', '{000_base_acl}', '{}');
        INSERT INTO services (id, name, host, port, tags) SELECT md5('service' || n)::uuid, 'service-' || n, 'host-' || n, 80, ARRAY['blue'] FROM generate_series(1, 20) n;
        INSERT INTO consumers SELECT md5('consumer' || n)::uuid, 'consumer-' || n, NULL FROM generate_series(1, 5) n;
        INSERT INTO plugins SELECT md5('plugin' || n)::uuid, 'rate-limiting', jsonb_build_object('minute', n, 'secret', 'kept'), md5('service' || n)::uuid, true FROM generate_series(1, 20) n;
        INSERT INTO keyauth_credentials SELECT md5('key' || n)::uuid, md5('consumer' || n)::uuid, 'key-' || n, NULL, NULL FROM generate_series(1, 3) n;
        INSERT INTO keyauth_credentials VALUES (md5('expired')::uuid, md5('consumer1')::uuid, 'expired', NULL, now() - interval '1 hour');
        INSERT INTO keyauth_credentials VALUES (md5('fleeting')::uuid, md5('consumer1')::uuid, 'fleeting', NULL, now() + interval '1 day');
        INSERT INTO oauth2_credentials VALUES (md5('oauth1')::uuid, md5('consumer1')::uuid, 'app', 'client', '$pbkdf2$old', true, NULL);
        INSERT INTO certificates VALUES (md5('cert1')::uuid, 'cert', 'key');
        INSERT INTO snis VALUES (md5('sni1')::uuid, 'a.example', md5('cert1')::uuid);
        INSERT INTO oauth2_tokens VALUES (md5('token1')::uuid, md5('oauth1')::uuid, 'token', now() + interval '1 day');
        INSERT INTO ratelimiting_metrics VALUES ('c', 'minute', now(), 1);
        INSERT INTO cluster_events VALUES (md5('event1')::uuid, 'invalidations', 'x');
        INSERT INTO sessions VALUES (md5('session1')::uuid, 's', 'd', NULL);
        """;

    public PostgresServer Server => server;

    public DatabaseSpec Spec { get; } = new() { Host = "127.0.0.1", Port = server.Port, Name = name, User = Owner };

    public KongDatabase Database => new(Spec, static secret => secret);

    public static async Task<SmallKong> CreateAsync(PostgresServer server, string? prefix = null)
    {
        var kong = await CreateEmptyAsync(server, prefix ?? "kong");
        await using var owner = await kong.Database.OpenAsync(CancellationToken.None);
        await RunAsync(owner, Schema);
        await RunAsync(owner, Rows);
        return kong;
    }

    /// <summary>The same without a table.</summary>
    public static async Task<SmallKong> CreateEmptyAsync(PostgresServer server, string prefix)
    {
        var kong = new SmallKong(server, $"{prefix}_{Guid.NewGuid():N}"[..24]);
        await using var admin = new NpgsqlConnection(server.ConnectionString());
        await admin.OpenAsync();
        await RunAsync(admin, $"DO $$ BEGIN CREATE ROLE {Owner} LOGIN CREATEDB; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$");
        await RunAsync(admin, $"CREATE DATABASE {kong.Spec.Name} OWNER {Owner}");
        return kong;
    }

    /// <summary>A session of Kong's own user.</summary>
    public Task<NpgsqlConnection> OpenAsync() => Database.OpenAsync(CancellationToken.None);

    /// <summary>A session of the superuser.</summary>
    public async Task<NpgsqlConnection> OpenSuperuserAsync()
    {
        var connection = new NpgsqlConnection(server.ConnectionString(Spec.Name) + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Runs a statement as Kong's own user in a session of its own.</summary>
    public async Task<int> RunAsync(string sql)
    {
        await using var connection = await OpenAsync();
        return await RunAsync(connection, sql);
    }

    public static async Task<int> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }

    public async Task<T> AskAsync<T>(string sql)
    {
        await using var connection = await OpenSuperuserAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}

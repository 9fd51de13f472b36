using System.Text;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Lab.Tests.Running;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.Tests.BackupAgent.Clusters;
using KongUpgradeMesh.Tests.Databases;
using YamlDotNet.RepresentationModel;

namespace KongUpgradeMesh.Tests.BackupAgent;

public sealed class ContentsTests(PostgresFixture postgres)
{
    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task The_declarative_copy_is_what_decK_would_have_written()
    {
        await using var x = await RunningX.StartAsync(await postgres.ServerAsync(), "2.8.5");
        await x.ConfigureAsync();
        using var bench = new Bench(x.Database);
        bench.Spec = x.Adopt(bench.Spec) with { Backup = bench.Spec.Backup with { RestoreTest = false } };
        var (manifest, root, path) = await CopyAsync(bench);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        Assert.Equal("1.1", Text(root, "_format_version"));
        Assert.Equal(["default"], manifest.Declarative!.Workspaces);
        Assert.Equal(["consumer_groups", "filter_chains", "key_sets", "keys", "mtls_auth_credentials", "partials", "vaults"], manifest.Declarative.UnknownKinds);
        Assert.Equal(4, manifest.Declarative.Entities["plugins"]);
        Assert.Empty(manifest.Notes);

        var orders = Named(root, "services", "orders");
        Assert.Equal("/api/orders", ((YamlSequenceNode)Named(orders, "routes", "orders").Children["paths"])[0].ToString());
        Assert.Equal(["key-auth"], Names(orders, "plugins"));
        Assert.True(Guid.TryParse(Text(orders, "id"), out _));
        Assert.DoesNotContain("created_at", orders.Children.Keys.Select(static k => k.ToString()));
        Assert.DoesNotContain("service", Named(orders, "routes", "orders").Children.Keys.Select(static k => k.ToString()));
        Assert.Equal(["request-termination"], Names(Named(Named(root, "services", "open"), "routes", "closed"), "plugins"));
        Assert.Equal(["correlation-id"], Names(root, "plugins"));
        var alice = Named(root, "consumers", "alice", "username");
        Assert.Equal(RunningX.Key, Text((YamlMappingNode)((YamlSequenceNode)alice.Children["keyauth_credentials"])[0], "key"));
        Assert.Equal("yes", Text((YamlMappingNode)((YamlSequenceNode)alice.Children["acls"])[0], "group"));
        Assert.Contains("group: \"yes\"", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
        Assert.Contains("custom_id: \"0010\"", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
        Assert.Equal(["request-size-limiting"], Names(Named(root, "consumers", "bob", "username"), "plugins"));
        Assert.Single((YamlSequenceNode)Named(root, "upstreams", "orders.internal").Children["targets"]);
    }

    [Theory]
    [InlineData("2.8.5", "1.1")]
    [InlineData("3.4.2", "3.0")]
    public async Task Every_page_is_followed_and_every_child_stands_with_its_parent(string version, string format)
    {
        await using var x = await RunningX.StartAsync(await postgres.ServerAsync(), version);
        await using (var connection = new Npgsql.NpgsqlConnection($"Host=127.0.0.1;Port={x.Database.Port};Username={x.Database.User};Database={x.Database.Name};Pooling=false"))
        {
            await connection.OpenAsync();
            await SmallKong.RunAsync(connection, """
                INSERT INTO consumers (id, username, ws_id) SELECT gen_random_uuid(), 'c' || n, (SELECT id FROM workspaces WHERE name = 'default') FROM generate_series(1, 1203) n;
                INSERT INTO keyauth_credentials (id, consumer_id, key, ws_id) SELECT gen_random_uuid(), id, 'of-' || username || '-' || k, ws_id FROM consumers, generate_series(1, 2) k;
                """);
        }

        using var bench = new Bench(x.Database);
        bench.Spec = x.Adopt(bench.Spec) with { Backup = bench.Spec.Backup with { RestoreTest = false } };
        var (manifest, root, _) = await CopyAsync(bench);
        Assert.Equal(format, Text(root, "_format_version"));
        Assert.Equal((1203, 2406), (manifest.Declarative!.Entities["consumers"], manifest.Declarative.Entities["keyauth_credentials"]));
        var consumers = ((YamlSequenceNode)root.Children["consumers"]).Cast<YamlMappingNode>().ToArray();
        Assert.Equal(1203, consumers.Select(static c => Text(c, "id")).Distinct().Count());
        Assert.All(consumers, static c =>
        {
            var keys = ((YamlSequenceNode)c.Children["keyauth_credentials"]).Cast<YamlMappingNode>().Select(static k => Text(k, "key"));
            Assert.Equal([$"of-{Text(c, "username")}-1", $"of-{Text(c, "username")}-2"], keys.Order());
        });
    }

    [Fact]
    public async Task The_configuration_of_a_real_Kong_is_copied_whole()
    {
        Assert.SkipUnless(RequiredServer.RecordedKong is not null, RequiredServer.NoRecordings);
        var server = await postgres.ServerAsync();
        var name = $"real_{Guid.NewGuid():N}"[..20];
        await server.CreateDatabaseAsync(name);
        var database = new DatabaseSpec { Host = "127.0.0.1", Port = server.Port, Name = name, User = PostgresServer.User };
        using var bench = new Bench(database);
        var restored = await bench.Programs.RunAsync(
            new ProgramCall
            {
                File = await new PostgresTools(bench.Programs).FindAsync("pg_restore", 15, CancellationToken.None),
                Arguments =
                [
                    "-h", "127.0.0.1", "-p", server.Port.ToString(), "-U", PostgresServer.User, "-d", name, "--no-owner", "--exit-on-error",
                    Path.Combine(RequiredServer.RecordedKong!, "2.8.5", "dumps", "kong-2.8.5-populated.dump"),
                ],
            },
            CancellationToken.None);
        Assert.True(restored.Succeeded, restored.Error);
        await using var node = new KongCli("2.8.5", server.Port, name);
        await node.MustAsync("start");
        bench.Spec = bench.Spec with
        {
            From = bench.Spec.From with { Nodes = [bench.Spec.From.Nodes[0], bench.Spec.From.Nodes[0] with { Name = "n2", Admin = new Uri($"http://127.0.0.1:{node.AdminPort}") }] },
            Backup = bench.Spec.Backup with { RestoreTest = false },
        };
        var (manifest, root, _) = await CopyAsync(bench);
        await using var connection = new Npgsql.NpgsqlConnection(server.ConnectionString(name) + ";Pooling=false");
        await connection.OpenAsync();
        foreach (var table in new[] { "services", "routes", "plugins", "consumers", "upstreams", "targets", "certificates", "snis", "ca_certificates", "acls", "jwt_secrets", "basicauth_credentials", "hmacauth_credentials", "oauth2_credentials" })
        {
            await using var count = new Npgsql.NpgsqlCommand($"SELECT count(*) FROM {table}", connection);
            Assert.Equal((table, (long)(await count.ExecuteScalarAsync())!), (table, manifest.Declarative!.Entities.GetValueOrDefault(table)));
        }

        // Nothing read was lost on its way into the file.
        var written = AllMappings(root).Count(static m => m.Children.ContainsKey("id"));
        Assert.Equal(manifest.Declarative!.Entities.Values.Sum(), written);
    }

    [Fact]
    public async Task A_missing_declarative_copy_is_said_in_manifest_and_event()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { RestoreTest = false } };
        var taken = await bench.BackUpAsync((await bench.FreezeAsync()).Fingerprint);
        var manifest = (await BackupCatalog.OpenAsync(taken.Location, taken.ManifestDigest, CancellationToken.None)).Manifest;
        Assert.Null(manifest.Declarative);
        Assert.Equal(manifest.Notes, taken.Notes);
        Assert.Equal("Declarative copy: missing (node n1: GET /plugins was not answered). The database dump is complete without it.", Assert.Single(taken.Notes));
        Assert.False(Directory.Exists(Path.Combine(taken.Location, BackupLayout.Declarative)));
    }

    [Fact]
    public async Task Templates_and_plugin_sources_are_copied_and_a_licence_only_named()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var files = Directory.CreateDirectory(Path.Combine(bench.Directory.FullName, "host")).FullName;
        string Write(string name, string content)
        {
            var path = Path.Combine(files, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, content);
            return path;
        }

        Write("lua/kong/plugins/our-auth/handler.lua", "return {}");
        Write("lua/kong/plugins/our-auth/migrations/init.lua", "return {}");
        Environment.SetEnvironmentVariable("KUM_TEST_LICENSE", "{\"license\":\"never-copied\"}");
        bench.Spec = bench.Spec with
        {
            Backup = bench.Spec.Backup with { RestoreTest = false },
            From = bench.Spec.From with
            {
                Deployment = bench.Spec.From.Deployment with
                {
                    Conf = Write("kong.conf", $"plugins = bundled,our-auth, lost-plugin\nlua_package_path = {files}/lua/?.lua;;\nkeyring_enabled = on\n"),
                    NginxTemplate = Write("nginx.template", "worker_processes ${{NGINX_WORKER_PROCESSES}};"),
                    Environment = new Dictionary<string, string>
                    {
                        ["KONG_NGINX_HTTP_INCLUDE"] = Write("http.conf", "gzip on;"),
                        ["KONG_NGINX_PROXY_INCLUDE"] = Path.Combine(files, "absent.conf"),
                        ["KONG_LICENSE_DATA"] = "env:KUM_TEST_LICENSE",
                    },
                },
            },
        };
        var taken = await bench.BackUpAsync((await bench.FreezeAsync()).Fingerprint);
        var manifest = (await BackupCatalog.OpenAsync(taken.Location, taken.ManifestDigest, CancellationToken.None)).Manifest;

        Assert.Equal(["nginx/0-nginx.template", "nginx/1-http.conf"], manifest.Files.Select(static f => f.Path).Where(static p => p.StartsWith("nginx/", StringComparison.Ordinal)));
        Assert.Equal([new PluginSource("our-auth", Path.Combine(files, "lua", "kong", "plugins", "our-auth"), 2)], manifest.Plugins);
        Assert.Equal("return {}", await File.ReadAllTextAsync(Path.Combine(taken.Location, "plugins", "our-auth", "migrations", "init.lua")));
        var license = Assert.Single(manifest.Licenses);
        Assert.Equal("KONG_LICENSE_DATA (env:KUM_TEST_LICENSE)", license.Source);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes("{\"license\":\"never-copied\"}"))), license.Sha256);
        Assert.All(Directory.GetFiles(taken.Location, "*", SearchOption.AllDirectories), static f => Assert.DoesNotContain("never-copied", File.ReadAllText(f), StringComparison.Ordinal));
        Assert.Collection(
            taken.Notes,
            static n => Assert.StartsWith("nginx: ", n, StringComparison.Ordinal),
            static n => Assert.StartsWith("Plugin lost-plugin: ", n, StringComparison.Ordinal),
            static n => Assert.StartsWith("Licence: ", n, StringComparison.Ordinal),
            static n => Assert.StartsWith("Keyring: ", n, StringComparison.Ordinal),
            static n => Assert.StartsWith("Declarative copy: missing", n, StringComparison.Ordinal));
    }

    private static async Task<(BackupManifest Manifest, YamlMappingNode Root, string Path)> CopyAsync(Bench bench)
    {
        var taken = await bench.BackUpAsync((await bench.FreezeAsync()).Fingerprint);
        var backup = await BackupCatalog.OpenAsync(taken.Location, taken.ManifestDigest, CancellationToken.None);
        Assert.True(backup.Manifest.Declarative is not null, string.Join('\n', taken.Notes));
        var path = Path.Combine(taken.Location, BackupLayout.Declarative, "default.yaml");
        var yaml = new YamlStream();
        using var reader = new StreamReader(path);
        yaml.Load(reader);
        return (backup.Manifest, (YamlMappingNode)yaml.Documents[0].RootNode, path);
    }

    private static IEnumerable<YamlMappingNode> AllMappings(YamlMappingNode root) => root.AllNodes.OfType<YamlMappingNode>();

    private static string Text(YamlMappingNode node, string field) => ((YamlScalarNode)node.Children[field]).Value!;

    private static YamlMappingNode Named(YamlMappingNode node, string list, string name, string field = "name") =>
        ((YamlSequenceNode)node.Children[list]).Cast<YamlMappingNode>().Single(n => Text(n, field) == name);

    private static IEnumerable<string> Names(YamlMappingNode node, string list) => ((YamlSequenceNode)node.Children[list]).Cast<YamlMappingNode>().Select(static n => Text(n, "name"));
}

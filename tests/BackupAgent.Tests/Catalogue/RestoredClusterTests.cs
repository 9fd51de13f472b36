using System.Security.Cryptography;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Cli.Tests;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Lab.Tests.Running;
using KongUpgradeMesh.Tests.BackupAgent.Clusters;
using KongUpgradeMesh.Tests.Databases;
using Npgsql;

namespace KongUpgradeMesh.Tests.BackupAgent.Catalogue;

public sealed partial class RestoredClusterTests(PostgresFixture postgres)
{
    private static readonly Uri Nobody = new("http://127.0.0.1:9");

    [Fact]
    public async Task What_kum_backups_restores_into_a_fresh_server_is_served_as_the_original_was()
    {
        await using var x = await RunningX.StartAsync(await postgres.ServerAsync(), "2.8.5");
        await x.ConfigureAsync();
        using var bench = new Bench(x.Database);
        bench.Spec = x.Adopt(bench.Spec);
        var secret = Path.Combine(bench.Directory.FullName, "backup.key");
        await File.WriteAllTextAsync(secret, Convert.ToBase64String(RandomNumberGenerator.GetBytes(EncryptionKey.Size)) + "\n");
        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { EncryptionKey = "file:" + secret } };
        var taken = await bench.BackUpAsync((await bench.FreezeAsync()).Fingerprint);
        string[] source =
        [
            "--directory", bench.Spec.Backup.Directory, "--cluster", bench.Spec.Cluster, "--encryption-key", "file:" + secret,
            "--verify-key", "file:" + Path.Combine(bench.Directory.FullName, "state", "manifest-key.pem.pub"),
        ];

        await using var fresh = await PostgresServer.StartAsync();
        string[] server = ["--to-host", "127.0.0.1", "--to-port", fresh.Port.ToString(), "--user", PostgresServer.User];
        var verified = await Kum.RunAsync(Nobody, ["backups", "verify", .. source, "--restore-test", .. server]);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        Assert.Equal($"{taken.BackupId}: good; signature proven; restored and compared", verified.Output.Trim());
        var restored = await Kum.RunAsync(Nobody, ["backups", "restore", taken.BackupId, .. source, .. server, "--to-database", "rescued"]);
        Assert.True(restored.ExitCode == 0, restored.Output + restored.Error);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(bench.Spec.Backup.Directory, ".opened")));

        await using var rescued = new KongCli("2.8.5", fresh.Port, "rescued");
        await rescued.MustAsync("start");
        foreach (var (path, host, key) in new (string, string?, string?)[]
        {
            ("/api/orders/7?q=1", null, RunningX.Key), ("/api/orders", null, null), ("/api/orders", null, "a-wrong-key"), ("/open/x", "a.example", null),
            ("/open/x", "b.example", null), ("/open/x", "other.example", null), ("/closed", null, null), ("/nowhere", null, null),
        })
        {
            var before = Comparable(await RunningX.AskAsync(x.Cli, path, host, key));
            var after = Comparable(await RunningX.AskAsync(rescued, path, host, key));
            Assert.Equal(before, after);
        }

        Assert.StartsWith("200 ", await RunningX.AskAsync(rescued, "/api/orders/7", null, RunningX.Key), StringComparison.Ordinal);
        Assert.StartsWith("401 ", await RunningX.AskAsync(rescued, "/api/orders/7"), StringComparison.Ordinal);

        // The copy is not fenced: it can be written, as the original could before the freeze.
        await using var connection = new NpgsqlConnection(fresh.ConnectionString("rescued") + ";Pooling=false");
        await connection.OpenAsync();
        Assert.Equal(2, await SmallKong.RunAsync(connection, "UPDATE services SET retries = retries"));
    }

    [Fact]
    public async Task Never_goes_over_its_origin_or_over_data_and_leaves_nothing_half()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { RestoreTest = false } };
        var taken = await bench.BackUpAsync((await bench.FreezeAsync()).Fingerprint);
        string[] source = ["--directory", bench.Spec.Backup.Directory, "--cluster", bench.Spec.Cluster, "-o", "json"];
        Task<KumResult> RestoreAsync(string database, string user = PostgresServer.User) => Kum.RunAsync(
            Nobody,
            ["backups", "restore", "latest", .. source, "--to-host", "localhost", "--to-port", kong.Spec.Port.ToString(), "--user", user, "--to-database", database]);

        async Task RefusedAsync(string code, Task<KumResult> call)
        {
            var result = await call;
            Assert.True(result.ExitCode == 1, result.Output + result.Error);
            Assert.Contains($"\"{code}\"", result.Output, StringComparison.Ordinal);
            Assert.Equal(0L, await kong.AskAsync<long>("SELECT count(*) FROM pg_database WHERE datname LIKE 'kum_restore_%'"));
        }

        var rows = await kong.AskAsync<long>("SELECT count(*) FROM services");
        await RefusedAsync(FailureCodes.SameDatabase, RestoreAsync(kong.Spec.Name));
        var other = await postgres.KongAsync();
        await RefusedAsync(FailureCodes.DatabaseNotEmpty, RestoreAsync(other.Spec.Name));
        await RefusedAsync(FailureCodes.DatabaseUnreachable, Kum.RunAsync(
            Nobody, ["backups", "restore", "latest", .. source, "--to-host", "127.0.0.1", "--to-port", LoopbackPorts.Take().ToString(), "--user", "kong", "--to-database", "z"]));
        await kong.AskAsync<int>("CREATE ROLE no_rights LOGIN; SELECT 1");
        await RefusedAsync(FailureCodes.DatabaseNotPermitted, RestoreAsync("z", "no_rights"));

        var empty = $"empty_{Guid.NewGuid():N}"[..20];
        await kong.Server.CreateDatabaseAsync(empty);
        Assert.Equal(0, (await RestoreAsync(empty)).ExitCode);
        await RefusedAsync(FailureCodes.DatabaseNotEmpty, RestoreAsync(empty));

        // A dump that does not hold what the manifest says: the list drops the rows of one table.
        var list = Path.Combine(taken.Location, BackupLayout.RestoreList);
        await File.WriteAllLinesAsync(list, (await File.ReadAllLinesAsync(list)).Where(static l => !l.Contains("TABLE DATA public snis ", StringComparison.Ordinal)));
        await RefusedAsync(FailureCodes.BackupCorrupt, RestoreAsync("z"));
        await ResealAsync(taken.Location);
        await RefusedAsync(FailureCodes.FingerprintMismatch, RestoreAsync("z"));
        Assert.Equal(0L, await kong.AskAsync<long>("SELECT count(*) FROM pg_database WHERE datname = 'z'"));
        Assert.Equal(rows, await kong.AskAsync<long>("SELECT count(*) FROM services"));
        await bench.VerifyAsync(taken.Fingerprint);
    }

    [Fact]
    public async Task Lists_only_complete_backups_and_names_bad_ones()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { RestoreTest = false } };
        var taken = await bench.BackUpAsync((await bench.FreezeAsync()).Fingerprint);
        var half = taken.Location + "-half";
        Directory.CreateDirectory(half);
        await File.WriteAllTextAsync(Path.Combine(half, BackupLayout.Signature), "{}");
        string[] source = ["--directory", bench.Spec.Backup.Directory, "--cluster", bench.Spec.Cluster];
        var listed = await Kum.RunAsync(Nobody, ["backups", "list", .. source]);
        Assert.Equal(0, listed.ExitCode);
        Assert.Contains(taken.BackupId, listed.Output, StringComparison.Ordinal);
        Assert.Contains("Declarative copy: missing", listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("-half", listed.Output, StringComparison.Ordinal);

        await File.AppendAllTextAsync(Path.Combine(taken.Location, BackupLayout.Environment), " ");
        var verified = await Kum.RunAsync(Nobody, ["backups", "verify", .. source]);
        Assert.Equal(1, verified.ExitCode);
        Assert.Contains("environment.json: wrong size", verified.Output, StringComparison.Ordinal);
        Assert.Equal(64, (await Kum.RunAsync(Nobody, ["backups", "verify", .. source, "--encryption-key", "a-secret-itself"])).ExitCode);
    }

    private static async Task ResealAsync(string location)
    {
        var path = Path.Combine(location, BackupLayout.Manifest);
        var manifest = BackupManifest.Parse(await File.ReadAllBytesAsync(path));
        await File.WriteAllBytesAsync(path, (manifest with { Files = await BackupCatalog.DigestAsync(location, CancellationToken.None) }).ToBytes());
    }

    // Ports of the two nodes and ids of requests are all that may differ.
    private static string Comparable(string answer) => Varying().Replace(answer, "#");

    [GeneratedRegex("""(?<="(x-trace|x-forwarded-port|x-kong-request-id)":")[^"]*""", RegexOptions.IgnoreCase)]
    private static partial Regex Varying();
}

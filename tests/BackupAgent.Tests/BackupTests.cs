using System.Text.Json;
using KongUpgradeMesh.BackupAgent.Backups;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Backups;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Journal;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.Tests.Databases;

namespace KongUpgradeMesh.Tests.BackupAgent;

public sealed class BackupTests(PostgresFixture postgres)
{

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Holds_everything_and_is_proven_by_a_restore()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var conf = Path.Combine(bench.Directory.FullName, "x.conf");
        await File.WriteAllTextAsync(conf, "database = postgres\n");
        Environment.SetEnvironmentVariable("KUM_TEST_SECRET", "never-shown");
        bench.Spec = bench.Spec with
        {
            From = bench.Spec.From with
            {
                Deployment = bench.Spec.From.Deployment with
                {
                    Conf = conf,
                    Environment = new Dictionary<string, string>
                    {
                        ["KONG_LOG_LEVEL"] = "notice",
                        ["KONG_PG_PASSWORD"] = "env:KUM_TEST_SECRET",
                        ["KONG_ADMIN_TOKEN"] = "plain-secret",
                        ["HTTP_PROXY"] = "http://u:plain-secret@p",
                    },
                },
            },
        };
        var frozen = await bench.FreezeAsync();
        var taken = await bench.BackUpAsync(frozen.Fingerprint);

        Assert.True(taken.RestoreTested);
        Assert.Equal(frozen.Fingerprint.Root, taken.Fingerprint.Root);
        var backup = await BackupCatalog.OpenAsync(taken.Location, taken.ManifestDigest, CancellationToken.None);
        Assert.Equal(taken.Bytes, backup.Bytes);
        Assert.Equal(["cluster_events", "locks", "sessions"], backup.Manifest.TablesWithoutRows);
        Assert.Equal(["acl", "core"], backup.Manifest.Migrations.Select(static m => m.Subsystem));
        Assert.DoesNotContain("kum_fence", await File.ReadAllTextAsync(backup.RestoreList), StringComparison.Ordinal);
        Assert.Equal("database = postgres\n", await File.ReadAllTextAsync(Path.Combine(taken.Location, BackupLayout.Conf)));
        var environment = await File.ReadAllTextAsync(Path.Combine(taken.Location, BackupLayout.Environment));
        Assert.Contains("env:KUM_TEST_SECRET", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("plain-secret", environment + await File.ReadAllTextAsync(Path.Combine(taken.Location, BackupLayout.Manifest)), StringComparison.Ordinal);
        Assert.Equal("notice", JsonDocument.Parse(environment).RootElement.GetProperty("n1").GetProperty("KONG_LOG_LEVEL").GetString());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(taken.Location));
        await bench.VerifyAsync(frozen.Fingerprint);
    }

    [Fact]
    public async Task The_copy_that_proved_the_backup_is_kept_for_cluster_Y_and_goes_when_the_run_ends_without_it()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var taken = await bench.BackUpAsync((await bench.FreezeAsync()).Fingerprint);
        var copy = $"FROM pg_database WHERE datname = 'kum_scratch_{bench.UpgradeId:N}'";
        Assert.Equal($"kong-upgrade-mesh copy of backup {taken.BackupId}", await kong.AskAsync<string>($"SELECT shobj_description(oid, 'pg_database') {copy}"));
        Assert.Equal(bench.Spec.To.Database.User, await kong.AskAsync<string>($"SELECT pg_get_userbyid(datdba)::text {copy}"));

        await bench.UnfreezeAsync(ClusterSide.X);
        Assert.Equal(0L, await kong.AskAsync<long>($"SELECT count(*) {copy}"));
    }

    [Fact]
    public async Task Restores_to_a_writable_database_that_is_equal_but_for_what_is_left_out()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var taken = await bench.BackUpAsync((await bench.FreezeAsync()).Fingerprint);
        var backup = await BackupCatalog.OpenAsync(taken.Location, taken.ManifestDigest, CancellationToken.None);
        await using var y = await RestoreAsync(bench, kong.Server, backup);

        await using var connection = await y.OpenAdminAsync(CancellationToken.None);
        var complete = FingerprintScope.Default with { IncludesPassing = true };
        Assert.Equal(backup.Manifest.CompleteFingerprint.Root, (await ConfigurationFingerprinter.TakeAsync(connection, "public", complete, CancellationToken.None)).Root);
        await SmallKong.RunAsync(connection, "DELETE FROM plugins");
        await using var counts = new Npgsql.NpgsqlCommand("SELECT (SELECT count(*) FROM oauth2_tokens) || '/' || (SELECT count(*) FROM ratelimiting_metrics) || '/' || (SELECT count(*) FROM cluster_events)", connection);
        Assert.Equal("1/1/0", await counts.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Leaves_out_the_journal_that_an_earlier_upgrade_left_on_what_is_now_cluster_X()
    {
        var kong = await postgres.KongAsync();
        await using (var connection = await kong.OpenAsync())
        {
            var options = new JournalOptions { UpgradeId = Guid.NewGuid(), EndsAt = TimeProvider.System.GetUtcNow().AddHours(1) };
            await new WriteJournal(options, TimeProvider.System).InstallAsync(connection, CancellationToken.None);
        }

        await kong.RunAsync("UPDATE services SET host = 'journaled'");
        using var bench = new Bench(kong.Spec);
        var taken = await bench.BackUpAsync((await bench.FreezeAsync()).Fingerprint);
        var backup = await BackupCatalog.OpenAsync(taken.Location, taken.ManifestDigest, CancellationToken.None);
        Assert.True(taken.RestoreTested);
        Assert.DoesNotContain("kum_journal", await File.ReadAllTextAsync(backup.RestoreList), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_not_taken_twice_unless_it_was_damaged()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var expected = (await bench.FreezeAsync()).Fingerprint;
        var first = await bench.BackUpAsync(expected);
        var again = await bench.BackUpAsync(expected);
        Assert.Equal((first.Location, first.ManifestDigest), (again.Location, again.ManifestDigest));

        await File.AppendAllTextAsync(Path.Combine(first.Location, BackupLayout.Dump, "toc.dat"), "x");
        var failure = await Bench.FailureOfAsync(() => BackupCatalog.OpenAsync(first.Location, first.ManifestDigest, CancellationToken.None));
        Assert.Equal(FailureCodes.BackupCorrupt, failure.Code);
        var clock = TimeProvider.System.GetTimestamp();
        await Eventually.HoldsAsync("the next second, which names the next backup", () => Task.FromResult(TimeProvider.System.GetElapsedTime(clock) > TimeSpan.FromSeconds(1)));
        Assert.NotEqual(first.Location, (await bench.BackUpAsync(expected)).Location);
    }

    [Theory]
    [InlineData("database/toc.dat", "wrong content")]
    [InlineData("environment.json", "missing")]
    [InlineData("added", "not in the manifest")]
    [InlineData("manifest.json", "not the one that was reported")]
    public async Task Damage_is_named(string file, string defect)
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { RestoreTest = false } };
        var taken = await bench.BackUpAsync((await bench.FreezeAsync()).Fingerprint);
        var path = Path.Combine(taken.Location, file);
        switch (defect)
        {
            case "missing":
                File.Delete(path);
                break;
            case "wrong content":
                var content = await File.ReadAllBytesAsync(path);
                content[^1] ^= 1;
                await File.WriteAllBytesAsync(path, content);
                break;
            default:
                await File.AppendAllTextAsync(path, " ");
                break;
        }

        var failure = await Bench.FailureOfAsync(() => BackupCatalog.OpenAsync(taken.Location, taken.ManifestDigest, CancellationToken.None));
        Assert.Equal(FailureCodes.BackupCorrupt, failure.Code);
        Assert.Equal([$"{file}: {defect}"], failure.Details);
    }

    [Fact]
    public async Task Only_the_newest_are_kept_and_leftovers_of_crashes_are_cleared()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { RestoreTest = false, Keep = 2 } };
        var expected = (await bench.FreezeAsync()).Fingerprint;
        var newest = await bench.BackUpAsync(expected);
        foreach (var age in new[] { 1, 2, 3 })
        {
            Age(newest.Location, age);
        }

        var partial = Directory.CreateDirectory(Path.Combine(bench.Catalog.Root, $"20200101T000000Z-{bench.UpgradeId:N}.partial")).FullName;
        await File.WriteAllTextAsync(Path.Combine(partial, "half"), "");
        Directory.Delete(newest.Location, recursive: true);
        await bench.BackUpAsync(expected);
        Assert.Equal(2, Directory.GetDirectories(bench.Catalog.Root).Length);
        Assert.Equal(2, bench.Catalog.List().Count);
        Assert.Empty(bench.Catalog.Partials());
        Assert.Equal(bench.UpgradeId, bench.Catalog.List()[0].Manifest.UpgradeId);
    }

    [Fact]
    public async Task Is_refused_without_a_fence_and_after_drift()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var expected = await Bench.FingerprintAsync(kong.Spec);
        Assert.Equal(FailureCodes.FenceNotHolding, (await Bench.FailureOfAsync(() => bench.BackUpAsync(expected))).Code);

        await kong.RunAsync("DELETE FROM snis");
        await bench.FreezeAsync();
        var failure = await Bench.FailureOfAsync(() => bench.BackUpAsync(expected));
        Assert.Equal(FailureCodes.ConfigurationDrifted, failure.Code);
        Assert.Equal(["snis"], failure.Details);
        Assert.Empty(Directory.GetDirectories(bench.Catalog.Root));
    }

    [Fact]
    public async Task A_dump_that_is_killed_leaves_nothing_but_the_fence()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var frozen = await bench.FreezeAsync();
        await using var blocker = await kong.OpenSuperuserAsync();
        await using var blocking = await BlockDumpAsync(kong, blocker);
        var step = bench.BackUpAsync(frozen.Fingerprint);
        await WaitForDumpAsync(kong);
        await kong.AskAsync<bool>($"SELECT bool_or(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{kong.Spec.Name}' AND wait_event_type = 'Lock'");
        Assert.Equal(FailureCodes.BackupFailed, (await Bench.FailureOfAsync(() => step)).Code);
        await blocking.RollbackAsync();
        Assert.Empty(Directory.GetDirectories(bench.Catalog.Root));
        await bench.VerifyAsync(frozen.Fingerprint);
        await bench.BackUpAsync(frozen.Fingerprint);
    }

    [Fact]
    public async Task An_abandoned_backup_ends_its_dump_and_leaves_nothing()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var frozen = await bench.FreezeAsync();
        await using var blocker = await kong.OpenSuperuserAsync();
        await using var blocking = await BlockDumpAsync(kong, blocker);
        using var abandon = new CancellationTokenSource();
        var step = bench.BackUpAsync(frozen.Fingerprint, abandon.Token);
        await WaitForDumpAsync(kong);
        await abandon.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => step);
        Assert.Empty(Directory.GetDirectories(bench.Catalog.Root));
        await blocking.RollbackAsync();
        await Eventually.HoldsAsync("no session of the dump is left", async () =>
            await kong.AskAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'kong-upgrade-mesh' AND datname = '{kong.Spec.Name}' AND usename = '{SmallKong.Owner}' AND pid <> pg_backend_pid()") == 0);
    }

    [Fact]
    public async Task A_table_that_may_not_be_read_is_named()
    {
        var kong = await postgres.KongAsync();
        await using (var superuser = await kong.OpenSuperuserAsync())
        {
            await SmallKong.RunAsync(superuser, "CREATE TABLE foreign_secrets (id int)");
        }

        using var bench = new Bench(kong.Spec);
        var frozen = await bench.FreezeAsync();
        var failure = await Bench.FailureOfAsync(() => bench.BackUpAsync(frozen.Fingerprint));
        Assert.Equal(FailureCodes.BackupFailed, failure.Code);
        Assert.Contains(failure.Details, static d => d.Contains("foreign_secrets", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_scratch_database_goes_to_X_only_when_the_server_of_Y_is_away_and_replaces_a_leftover()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec, kong.Spec with { Name = "y", Port = LoopbackPorts.Take() });
        var leftover = $"kum_scratch_{bench.UpgradeId:N}";
        await kong.Server.CreateDatabaseAsync(leftover);
        await using (var superuser = await kong.OpenSuperuserAsync())
        {
            await SmallKong.RunAsync(superuser, $"ALTER DATABASE {leftover} OWNER TO {SmallKong.Owner}");
        }

        await bench.BackUpAsync((await bench.FreezeAsync()).Fingerprint);
        Assert.Equal(0L, await kong.AskAsync<long>($"SELECT count(*) FROM pg_database WHERE datname = '{leftover}'"));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_is_named()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var frozen = await bench.FreezeAsync();
        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { Directory = "/proc/kum" } };
        Assert.Equal(FailureCodes.BackupFailed, (await Bench.FailureOfAsync(() => bench.BackUpAsync(frozen.Fingerprint))).Code);
    }

    [Fact]
    public async Task A_full_disk_is_noticed_before_the_dump_begins()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var small = Directory.CreateDirectory(Path.Combine(bench.Directory.FullName, "small")).FullName;
        var mounted = await bench.Programs.RunAsync(new ProgramCall { File = "mount", Arguments = ["-t", "tmpfs", "-o", "size=4m", "tmpfs", small] }, CancellationToken.None);
        Assert.SkipUnless(mounted.Succeeded, "this user may not mount a small file system");
        try
        {
            var frozen = await bench.FreezeAsync();
            bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { Directory = small } };
            Assert.Equal(FailureCodes.DiskSpaceLow, (await Bench.FailureOfAsync(() => bench.BackUpAsync(frozen.Fingerprint))).Code);
            Assert.Empty(Directory.GetDirectories(bench.Catalog.Root));
        }
        finally
        {
            await bench.Programs.RunAsync(new ProgramCall { File = "umount", Arguments = [small] }, CancellationToken.None);
        }
    }

    [Fact]
    public async Task Works_on_the_database_of_a_real_Kong()
    {
        Assert.SkipUnless(RequiredServer.RecordedKong is not null, RequiredServer.NoRecordings);
        var server = await postgres.ServerAsync();
        var name = $"real_{Guid.NewGuid():N}"[..20];
        await server.CreateDatabaseAsync(name);
        var spec = new DatabaseSpec { Host = "127.0.0.1", Port = server.Port, Name = name, User = PostgresServer.User };
        using var bench = new Bench(spec);
        var dump = Path.Combine(RequiredServer.RecordedKong!, "2.8.5", "dumps", "kong-2.8.5-populated.dump");
        var restored = await bench.Programs.RunAsync(
            new ProgramCall
            {
                File = await new PostgresTools(bench.Programs).FindAsync("pg_restore", 15, CancellationToken.None),
                Arguments = ["-h", "127.0.0.1", "-p", server.Port.ToString(), "-U", PostgresServer.User, "-d", name, "--no-owner", "--exit-on-error", dump],
            },
            CancellationToken.None);
        Assert.True(restored.Succeeded, restored.Error);

        var frozen = await bench.FreezeAsync();
        Assert.Equal(20, frozen.FencedTables);
        Assert.Empty(frozen.UnknownTables);
        Assert.Equal(81, frozen.Fingerprint.Tables.Single(static t => t.Table == "routes").Rows);
        var taken = await bench.BackUpAsync(frozen.Fingerprint);
        var backup = await BackupCatalog.OpenAsync(taken.Location, taken.ManifestDigest, CancellationToken.None);
        Assert.Equal("015_270_to_280", backup.Manifest.Migrations.Single(static m => m.Subsystem == "core").LastExecuted);
        await using (var y = await RestoreAsync(bench, server, backup))
        {
            await using var connection = await y.OpenAdminAsync(CancellationToken.None);
            await SmallKong.RunAsync(connection, "UPDATE routes SET tags = '{migrated}'");
        }

        await bench.VerifyAsync(frozen.Fingerprint);
        await bench.UnfreezeAsync(ClusterSide.X);
    }

    // A table that the agent itself does not read: only pg_dump waits for it.
    private static async Task<Npgsql.NpgsqlTransaction> BlockDumpAsync(SmallKong kong, Npgsql.NpgsqlConnection connection)
    {
        await kong.RunAsync("CREATE TABLE custom_log (id int) PARTITION BY RANGE (id)");
        var transaction = await connection.BeginTransactionAsync();
        await SmallKong.RunAsync(connection, "LOCK TABLE custom_log");
        return transaction;
    }

    private static Task WaitForDumpAsync(SmallKong kong) => Eventually.HoldsAsync("pg_dump waits for the lock", () =>
        kong.AskAsync<bool>($"SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = '{kong.Spec.Name}' AND wait_event_type = 'Lock')"));

    private static void Age(string location, int days)
    {
        var manifest = BackupManifest.Parse(File.ReadAllBytes(Path.Combine(location, BackupLayout.Manifest)));
        var old = manifest with { BackupId = $"old-{days}", UpgradeId = Guid.NewGuid(), TakenAt = manifest.TakenAt.AddDays(-days), Files = [] };
        var directory = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(location)!, old.BackupId)).FullName;
        File.WriteAllBytes(Path.Combine(directory, BackupLayout.Manifest), old.ToBytes());
    }

    private static async Task<RestoredCopy> RestoreAsync(Bench bench, PostgresServer server, StoredBackup backup)
    {
        var name = $"copy_{Guid.NewGuid():N}"[..20];
        await server.CreateDatabaseAsync(name);
        var result = await bench.Programs.RunAsync(
            new ProgramCall
            {
                File = await new PostgresTools(bench.Programs).FindAsync("pg_restore", 15, CancellationToken.None),
                Arguments =
                [
                    "-h", "127.0.0.1", "-p", server.Port.ToString(), "-U", PostgresServer.User, "-d", name,
                    "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--use-list", backup.RestoreList, backup.DumpDirectory,
                ],
            },
            CancellationToken.None);
        Assert.True(result.Succeeded, result.Error);
        return new RestoredCopy(new DatabaseSpec { Host = "127.0.0.1", Port = server.Port, Name = name, User = PostgresServer.User });
    }

    private sealed class RestoredCopy(DatabaseSpec spec) : IAsyncDisposable
    {
        public Task<Npgsql.NpgsqlConnection> OpenAdminAsync(CancellationToken cancellationToken) => new KongDatabase(spec, static s => s).OpenAdminAsync(cancellationToken);

        public async ValueTask DisposeAsync()
        {
            await using var connection = await new KongDatabase(spec, static s => s).OpenMaintenanceAsync(CancellationToken.None);
            await SmallKong.RunAsync(connection, $"DROP DATABASE {spec.Name} WITH (FORCE)");
        }
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.Tests.Databases;

namespace KongUpgradeMesh.Tests.BackupAgent;

/// <summary>What may go wrong around a backup ends with a named code, leaves nothing half behind and the fence in place.</summary>
public sealed class BackupFailureTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_wrong_password_is_a_refused_login()
    {
        var directory = Directory.CreateTempSubdirectory("kum-pg-");
        try
        {
            await using var server = await PostgresServer.StartAsync(directory.FullName);
            var hba = Path.Combine(directory.FullName, "data", "pg_hba.conf");
            await File.WriteAllTextAsync(hba, $"host all {SmallKong.Owner} 127.0.0.1/32 scram-sha-256\n" + await File.ReadAllTextAsync(hba));
            var kong = await SmallKong.CreateAsync(server);
            using var bench = new Bench(kong.Spec with { User = PostgresServer.User });
            var expected = (await bench.FreezeAsync()).Fingerprint;
            Assert.True(await kong.AskAsync<bool>($"ALTER ROLE {SmallKong.Owner} PASSWORD 'right'; SELECT pg_reload_conf()"));
            bench.Spec = bench.Spec with { From = bench.Spec.From with { Database = kong.Spec with { Password = "wrong" } } };
            await Eventually.HoldsAsync("the server asks for passwords", async () =>
                (await Bench.FailureOfAsync(() => bench.BackUpAsync(expected))).Code == FailureCodes.DatabaseNotPermitted);
            await NothingIsLeftAsync(bench, kong.Spec with { User = PostgresServer.User }, expected);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_role_without_rights_is_named_as_such()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var expected = (await bench.FreezeAsync()).Fingerprint;
        await kong.AskAsync<int>("CREATE ROLE reader_of_nothing LOGIN; SELECT 1");
        bench.Spec = bench.Spec with { From = bench.Spec.From with { Database = kong.Spec with { User = "reader_of_nothing" } } };
        Assert.Equal(FailureCodes.DatabaseNotPermitted, (await Bench.FailureOfAsync(() => bench.BackUpAsync(expected))).Code);
        await NothingIsLeftAsync(bench, kong.Spec, expected);
    }

    [Fact]
    public async Task A_disk_that_fills_up_during_the_dump_is_named()
    {
        var kong = await postgres.KongAsync();
        using var bench = new Bench(kong.Spec);
        var small = Directory.CreateDirectory(Path.Combine(bench.Directory.FullName, "small")).FullName;
        var mounted = await bench.Programs.RunAsync(new ProgramCall { File = "mount", Arguments = ["-t", "tmpfs", "-o", "size=80m", "tmpfs", small] }, CancellationToken.None);
        Assert.SkipUnless(mounted.Succeeded, "this user may not mount a small file system");
        try
        {
            await kong.RunAsync("CREATE TABLE custom_log (id int) PARTITION BY RANGE (id)");
            var expected = (await bench.FreezeAsync()).Fingerprint;
            bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { Directory = small, RestoreTest = false } };
            await using var blocker = await kong.OpenSuperuserAsync();
            await using var blocking = await blocker.BeginTransactionAsync();
            await SmallKong.RunAsync(blocker, "LOCK TABLE custom_log");
            var step = bench.BackUpAsync(expected);
            await Eventually.HoldsAsync("pg_dump waits for the lock", () => kong.AskAsync<bool>(
                $"SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = '{kong.Spec.Name}' AND wait_event_type = 'Lock')"));
            var filled = await bench.Programs.RunAsync(new ProgramCall { File = "sh", Arguments = ["-c", $"cat /dev/zero > {small}/filler"] }, CancellationToken.None);
            Assert.False(filled.Succeeded);
            await blocking.RollbackAsync();
            Assert.Equal(FailureCodes.DiskSpaceLow, (await Bench.FailureOfAsync(() => step)).Code);
            await NothingIsLeftAsync(bench, kong.Spec, expected);
        }
        finally
        {
            await bench.Programs.RunAsync(new ProgramCall { File = "umount", Arguments = [small] }, CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_server_that_goes_away_during_the_dump_is_a_failed_backup_that_may_be_tried_again()
    {
        await using var server = await PostgresServer.StartAsync();
        var kong = await SmallKong.CreateAsync(server);
        await kong.RunAsync("CREATE TABLE custom_log (id int) PARTITION BY RANGE (id)");
        using var bench = new Bench(kong.Spec);
        bench.Spec = bench.Spec with { Backup = bench.Spec.Backup with { RestoreTest = false } };
        var expected = (await bench.FreezeAsync()).Fingerprint;
        await using var blocker = await kong.OpenSuperuserAsync();
        await using var blocking = await blocker.BeginTransactionAsync();
        await SmallKong.RunAsync(blocker, "LOCK TABLE custom_log");
        var step = bench.BackUpAsync(expected);
        await Eventually.HoldsAsync("pg_dump waits for the lock", () => kong.AskAsync<bool>(
            $"SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = '{kong.Spec.Name}' AND wait_event_type = 'Lock')"));

        // The snapshot is fingerprinted beside the dump; its last question is for the migrations. Until then it would be the one to notice.
        await Eventually.HoldsAsync("nothing but pg_dump is at work", () => kong.AskAsync<bool>(
            $"SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = '{kong.Spec.Name}' AND state = 'idle in transaction' AND query LIKE '%last_executed%')"));
        await server.StopAsync();
        var failure = await Bench.FailureOfAsync(() => step);
        Assert.Equal((FailureCodes.BackupFailed, true), (failure.Code, failure.IsTransient));
        Assert.NotEmpty(failure.Remedy);
        await server.StartProcessAsync(CancellationToken.None);
        await NothingIsLeftAsync(bench, kong.Spec, expected);
        await bench.BackUpAsync(expected);
    }

    private static async Task NothingIsLeftAsync(Bench bench, DatabaseSpec frozen, ConfigurationFingerprint expected)
    {
        Assert.Empty(bench.Catalog.List());
        Assert.Empty(bench.Catalog.Partials());
        bench.Spec = bench.Spec with { From = bench.Spec.From with { Database = frozen } };
        await bench.VerifyAsync(expected);
    }
}

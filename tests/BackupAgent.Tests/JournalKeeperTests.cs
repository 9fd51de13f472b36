using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Journal;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.Tests.Databases;
using Npgsql;

namespace KongUpgradeMesh.Tests.BackupAgent;

public sealed class JournalKeeperTests(PostgresFixture postgres)
{
    private static readonly TimeProvider TwoDaysLater = new LaterClock(TimeSpan.FromDays(2));

    [Fact]
    public async Task Records_writes_on_cluster_Y_from_the_moment_its_fence_is_gone()
    {
        var (x, y) = (await postgres.KongAsync(), await postgres.KongAsync());
        using var bench = new Bench(x.Spec, y.Spec);
        await bench.FenceAsync(y.Spec);
        await Assert.ThrowsAsync<PostgresException>(() => y.RunAsync("DELETE FROM snis"));

        var unfrozen = await bench.UnfreezeAsync(journalY: true, ClusterSide.X, ClusterSide.Y);
        await y.RunAsync("DELETE FROM snis");

        Assert.InRange((unfrozen.JournalUntil!.Value - TimeProvider.System.GetUtcNow()).TotalHours, 23.9, 24);
        var journal = (await ReadAsync(y))!;
        Assert.Equal((bench.UpgradeId, "snis", "DELETE"), (journal.UpgradeId, Assert.Single(journal.Writes).Table, journal.Writes[0].Operation));
        Assert.Null(await ReadAsync(x));
        Assert.Equal(unfrozen.JournalUntil, (await bench.UnfreezeAsync(journalY: true, ClusterSide.X, ClusterSide.Y)).JournalUntil);
    }

    [Fact]
    public async Task Records_nothing_after_a_rollback_and_where_the_spec_says_so()
    {
        var (x, y) = (await postgres.KongAsync(), await postgres.KongAsync());
        using var bench = new Bench(x.Spec, y.Spec);
        Assert.Null((await bench.UnfreezeAsync(ClusterSide.X, ClusterSide.Y)).JournalUntil);
        bench.Spec = bench.Spec with { Freeze = new FreezeSpec { JournalFor = TimeSpan.Zero } };
        Assert.Null((await bench.UnfreezeAsync(journalY: true, ClusterSide.X, ClusterSide.Y)).JournalUntil);
        Assert.Null(await ReadAsync(y));
    }

    [Fact]
    public async Task Is_never_installed_on_cluster_X()
    {
        var x = await postgres.KongAsync();
        using var bench = new Bench(x.Spec, x.Spec with { Host = "localhost" });
        Assert.Null((await bench.UnfreezeAsync(journalY: true, ClusterSide.X, ClusterSide.Y)).JournalUntil);
        Assert.Null(await ReadAsync(x));
        await bench.Journals(TimeProvider.System).TendAsync(CancellationToken.None);
        Assert.Null(await ReadAsync(x));
    }

    [Fact]
    public async Task Removes_the_journal_in_time_although_the_agent_was_restarted()
    {
        var (x, y) = (await postgres.KongAsync(), await postgres.KongAsync());
        using var bench = new Bench(x.Spec, y.Spec);
        await bench.UnfreezeAsync(journalY: true, ClusterSide.Y);

        await bench.Journals(TimeProvider.System).TendAsync(CancellationToken.None);
        Assert.NotNull(await ReadAsync(y));
        await bench.Journals(TwoDaysLater).TendAsync(CancellationToken.None);
        Assert.Null(await ReadAsync(y));
        Assert.Empty(Files(bench));
    }

    [Fact]
    public async Task Does_not_put_back_what_a_person_removed()
    {
        var (x, y) = (await postgres.KongAsync(), await postgres.KongAsync());
        using var bench = new Bench(x.Spec, y.Spec);
        await bench.UnfreezeAsync(journalY: true, ClusterSide.Y);
        await using (var connection = await y.OpenAsync())
        {
            Assert.True(await WriteJournal.RemoveAnyAsync(connection, "public", new FreezeSpec(), TimeProvider.System, CancellationToken.None));
        }

        await bench.Journals(TimeProvider.System).TendAsync(CancellationToken.None);
        Assert.Null(await ReadAsync(y));
    }

    [Fact]
    public async Task Lifts_the_fence_although_a_busy_table_delays_the_journal()
    {
        var (x, y) = (await postgres.KongAsync(), await postgres.KongAsync());
        using var bench = new Bench(x.Spec, y.Spec);
        bench.Spec = bench.Spec with { Freeze = new FreezeSpec { DrainTimeout = TimeSpan.FromMilliseconds(500), LockTimeout = TimeSpan.FromMilliseconds(50) } };
        await using var writer = await y.OpenAsync();
        await using var transaction = await writer.BeginTransactionAsync();
        await SmallKong.RunAsync(writer, "UPDATE services SET host = 'slow' WHERE name = 'service-1'");

        Assert.Null((await bench.UnfreezeAsync(journalY: true, ClusterSide.X, ClusterSide.Y)).JournalUntil);
        Assert.Contains("services", (await ReadAsync(y))!.TablesMissing);

        await transaction.CommitAsync();
        await WholeAsync(bench, y);
    }

    [Fact]
    public async Task Tries_again_while_the_database_does_not_let_it_and_forgets_a_dropped_one()
    {
        var (x, y) = (await postgres.KongAsync(), await postgres.KongAsync());
        using var bench = new Bench(x.Spec, y.Spec);
        bench.Spec = bench.Spec with { Freeze = new FreezeSpec { DrainTimeout = TimeSpan.FromMilliseconds(300), LockTimeout = TimeSpan.FromMilliseconds(50) } };
        await bench.UnfreezeAsync(journalY: true, ClusterSide.Y);
        await WholeAsync(bench, y);
        await using (var reader = await y.OpenAsync())
        await using (var transaction = await reader.BeginTransactionAsync())
        {
            await SmallKong.RunAsync(reader, "LOCK TABLE services IN ACCESS SHARE MODE");
            await bench.Journals(TwoDaysLater).TendAsync(CancellationToken.None);
            await transaction.RollbackAsync();
        }

        Assert.Single(Files(bench));
        Assert.Equal(1L, await y.AskAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname = 'kum_journal'"));
        await using (var admin = new NpgsqlConnection(y.Server.ConnectionString()))
        {
            await admin.OpenAsync();
            NpgsqlConnection.ClearAllPools();
            await SmallKong.RunAsync(admin, $"DROP DATABASE {y.Spec.Name} WITH (FORCE)");
        }

        await bench.Journals(TwoDaysLater).TendAsync(CancellationToken.None);
        Assert.Empty(Files(bench));
    }

    private static string[] Files(Bench bench) => Directory.GetFiles(bench.Directory.FullName, "*.journal.json", SearchOption.AllDirectories);

    // How much of it is there after one look depends on how busy the machine is: so brief is its patience in these tests.
    private static Task WholeAsync(Bench bench, SmallKong kong) => Eventually.HoldsAsync("the whole journal", async () =>
    {
        await bench.Journals(TimeProvider.System).TendAsync(CancellationToken.None);
        return await ReadAsync(kong) is { TablesMissing.Count: 0 };
    });

    private static async Task<JournalReading?> ReadAsync(SmallKong kong)
    {
        await using var connection = await kong.OpenAsync();
        return await WriteJournal.ReadAsync(connection, "public", CancellationToken.None);
    }

    /// <summary>The real clock, ahead by a while.</summary>
    private sealed class LaterClock(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}

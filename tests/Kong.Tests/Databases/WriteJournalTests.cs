using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Journal;
using KongUpgradeMesh.TestKit;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

public sealed class WriteJournalTests(PostgresFixture postgres)
{
    private static readonly Guid Upgrade = Guid.NewGuid();

    [Fact]
    public async Task Records_who_wrote_which_row_but_no_value()
    {
        var kong = await postgres.KongAsync();
        await InstallAsync(kong);
        await using (var prompt = await kong.OpenAsync())
        {
            await SmallKong.RunAsync(prompt, "SET application_name = 'psql'");
            await SmallKong.RunAsync(prompt, "UPDATE services SET host = 'SECRET-HOST', port = 81 WHERE name = 'service-1'; UPDATE services SET host = host WHERE name = 'service-2'");
            await SmallKong.RunAsync(prompt, "INSERT INTO consumers VALUES (md5('new')::uuid, 'SECRET-NAME', NULL)");
            await SmallKong.RunAsync(prompt, "DELETE FROM snis; TRUNCATE snis");
        }

        var journal = (await ReadAsync(kong))!;
        Assert.Equal((Upgrade, 0L, 0L), (journal.UpgradeId, journal.NotRecorded, journal.Failures));
        Assert.Empty(journal.TablesMissing);
        Assert.Equal(
            ["services UPDATE host,port", "consumers INSERT ", "snis DELETE ", "snis TRUNCATE "],
            journal.Writes.Select(static w => $"{w.Table} {w.Operation} {string.Join(',', w.Columns ?? [])}"));
        Assert.All(journal.Writes, static w => Assert.Equal((SmallKong.Owner, "psql", "127.0.0.1"), (w.Role, w.Application, w.Client)));
        Assert.Equal(36, journal.Writes[0].Key!["id"].GetString()!.Length);
        Assert.Null(journal.Writes[3].Key);
        Assert.Equal(0L, await kong.AskAsync<long>("SELECT count(*) FROM kum_journal.writes w WHERE w::text LIKE '%SECRET%'"));
    }

    [Fact]
    public async Task Leaves_out_what_Kong_does_by_itself_and_what_was_rolled_back()
    {
        var kong = await postgres.KongAsync();
        await InstallAsync(kong);
        await kong.RunAsync("DELETE FROM keyauth_credentials WHERE ttl < now(); UPDATE oauth2_credentials SET client_secret = '$pbkdf2$new'; INSERT INTO oauth2_tokens VALUES (md5('t')::uuid, md5('oauth1')::uuid, 'x', NULL)");
        await using (var session = await kong.OpenAsync())
        await using (var transaction = await session.BeginTransactionAsync())
        {
            await SmallKong.RunAsync(session, "DELETE FROM plugins");
            await transaction.RollbackAsync();
        }

        Assert.Empty((await ReadAsync(kong))!.Writes);
    }

    [Theory]
    [InlineData("DROP TABLE kum_journal.writes")]
    [InlineData("DROP SEQUENCE kum_journal.counted")]
    [InlineData("DROP SEQUENCE kum_journal.counted; DROP SEQUENCE kum_journal.failed")]
    [InlineData("ALTER TABLE kum_journal.writes ADD CHECK (false) NOT VALID")]
    [InlineData("ALTER TABLE kum_journal.writes DROP COLUMN role")]
    public async Task Never_breaks_the_write_it_follows(string damage)
    {
        var kong = await postgres.KongAsync();
        await InstallAsync(kong);
        await kong.RunAsync(damage);
        Assert.Equal(20, await kong.RunAsync("UPDATE services SET host = 'elsewhere'"));
        Assert.Equal(20L, await kong.AskAsync<long>("SELECT count(*) FROM services WHERE host = 'elsewhere'"));
    }

    [Fact]
    public async Task Counts_its_own_failures_and_what_is_beyond_its_limit()
    {
        var kong = await postgres.KongAsync();
        await InstallAsync(kong, limit: 5);
        await kong.RunAsync("UPDATE services SET host = 'elsewhere'");
        await kong.RunAsync("ALTER SEQUENCE kum_journal.counted RESTART; ALTER TABLE kum_journal.writes ADD CHECK (operation <> 'DELETE')");
        await kong.RunAsync("DELETE FROM snis");
        var journal = (await ReadAsync(kong))!;
        Assert.Equal((5, 1L), (journal.Writes.Count, journal.Failures));

        var other = await postgres.KongAsync();
        await InstallAsync(other, limit: 5);
        await other.RunAsync("UPDATE services SET host = 'elsewhere'");
        Assert.Equal(15L, (await ReadAsync(other))!.NotRecorded);
    }

    [Fact]
    public async Task Does_not_hold_a_write_up_while_its_own_table_is_locked()
    {
        var kong = await postgres.KongAsync();
        await InstallAsync(kong);
        await using var holder = await kong.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await SmallKong.RunAsync(holder, "LOCK TABLE kum_journal.writes IN ACCESS EXCLUSIVE MODE");
        await using var writer = await kong.OpenAsync();
        await SmallKong.RunAsync(writer, "SET statement_timeout = '60s'");
        using var pace = new Pace();
        Assert.Equal(1, await SmallKong.RunAsync(writer, "UPDATE services SET host = 'elsewhere' WHERE name = 'service-1'"));
        Assert.True(pace.Elapsed < TimeSpan.FromSeconds(3), $"the write took {pace}");
        await transaction.RollbackAsync();
        Assert.Equal(1L, (await ReadAsync(kong))!.Failures);
    }

    [Fact]
    public async Task Does_nothing_after_its_end_and_is_removed_completely()
    {
        var kong = await postgres.KongAsync();
        await InstallAsync(kong, endsAt: DateTimeOffset.UnixEpoch);
        await kong.RunAsync("DELETE FROM snis");
        Assert.Empty((await ReadAsync(kong))!.Writes);

        await using var connection = await kong.OpenAsync();
        Assert.False(await Journal(Guid.NewGuid()).RemoveAsync(connection, CancellationToken.None));
        Assert.NotNull(await ReadAsync(kong));
        Assert.True(await Journal(Upgrade).RemoveAsync(connection, CancellationToken.None));
        Assert.False(await Journal(Upgrade).RemoveAsync(connection, CancellationToken.None));
        Assert.Equal(0L, await kong.AskAsync<long>(
            "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 'kum_journal') + (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'kum_journal%')"));
        Assert.Equal(1, await kong.RunAsync("DELETE FROM services WHERE name = 'service-1'"));
    }

    [Fact]
    public async Task Installs_again_without_a_loss_repairs_and_replaces_another_upgrades()
    {
        var kong = await postgres.KongAsync();
        await InstallAsync(kong);
        await kong.RunAsync("DELETE FROM snis; ALTER TABLE plugins DISABLE TRIGGER USER");
        Assert.Equal(["plugins"], (await ReadAsync(kong))!.TablesMissing);
        await InstallAsync(kong, endsAt: DateTimeOffset.UnixEpoch);
        var journal = (await ReadAsync(kong))!;
        Assert.Single(journal.Writes);
        Assert.Empty(journal.TablesMissing);
        Assert.True(journal.EndsAt > DateTimeOffset.UnixEpoch);

        await using var connection = await kong.OpenAsync();
        var another = Guid.NewGuid();
        await Journal(another).InstallAsync(connection, CancellationToken.None);
        var replaced = (await ReadAsync(kong))!;
        Assert.Equal((another, 0), (replaced.UpgradeId, replaced.Writes.Count));
        Assert.True(await WriteJournal.RemoveAnyAsync(connection, "public", new FreezeSpec(), TimeProvider.System, CancellationToken.None));
        Assert.Null(await ReadAsync(kong));
    }

    [Fact]
    public async Task Gives_up_beside_an_open_writer_and_completes_later()
    {
        var kong = await postgres.KongAsync();
        await using var writer = await kong.OpenAsync();
        await using var transaction = await writer.BeginTransactionAsync();
        await SmallKong.RunAsync(writer, "UPDATE services SET host = 'slow' WHERE name = 'service-1'");
        var brief = new FreezeSpec { DrainTimeout = TimeSpan.FromSeconds(1), LockTimeout = TimeSpan.FromMilliseconds(100) };
        var failure = (await Assert.ThrowsAsync<StepFailedException>(() => InstallAsync(kong, freeze: brief))).Failure;
        Assert.Equal((FailureCodes.WritersNotDrained, true), (failure.Code, failure.IsTransient));
        await transaction.CommitAsync();
        await InstallAsync(kong);
        Assert.Empty((await ReadAsync(kong))!.TablesMissing);
    }

    [Fact]
    public async Task Stands_in_no_migrations_way()
    {
        var kong = await postgres.KongAsync();
        await InstallAsync(kong);
        await kong.RunAsync("""
            DO $$ BEGIN
              UPDATE services SET host = host || '.example';
              ALTER TABLE services ADD COLUMN path text DEFAULT '/', DROP COLUMN enabled;
              ALTER TABLE services ALTER COLUMN port TYPE integer;
            END $$;
            ALTER TABLE consumers DROP CONSTRAINT consumers_pkey CASCADE;
            ALTER TABLE consumers RENAME COLUMN id TO consumer_id;
            ALTER TABLE snis RENAME TO sni_names;
            DROP TABLE plugins;
            """);
        await kong.RunAsync("UPDATE services SET port = 82 WHERE name = 'service-3'; DELETE FROM consumers; INSERT INTO sni_names VALUES (md5('s2')::uuid, 'b.example', md5('cert1')::uuid)");
        var journal = (await ReadAsync(kong))!;
        Assert.Equal(0L, journal.Failures);
        Assert.Contains(journal.Writes, static w => w is { Table: "services", Columns: ["port"] });
        Assert.Contains(journal.Writes, static w => w is { Table: "sni_names", Operation: "INSERT" });
        await using var connection = await kong.OpenAsync();
        Assert.True(await Journal(Upgrade).RemoveAsync(connection, CancellationToken.None));
        Assert.Equal(0L, await kong.AskAsync<long>("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'kum_journal%'"));
    }

    [Fact]
    public async Task Judges_each_write_by_what_cluster_X_has()
    {
        var x = await postgres.KongAsync();
        var y = await postgres.KongAsync();
        await y.RunAsync("ALTER TABLE services ADD COLUMN tls_verify boolean, ADD COLUMN updated_at timestamptz; CREATE TABLE keys (id uuid PRIMARY KEY, name text); UPDATE plugins SET config = config || '{\"migrated\": 1}'");
        await InstallAsync(y);
        await y.RunAsync("""
            UPDATE services SET host = 'new' WHERE name = 'service-1';
            UPDATE services SET host = 'there-and-back' WHERE name = 'service-2'; UPDATE services SET host = 'host-2', updated_at = now() WHERE name = 'service-2';
            UPDATE services SET tls_verify = true WHERE name = 'service-3';
            INSERT INTO consumers VALUES (md5('new')::uuid, 'new', NULL), (md5('fleeting')::uuid, 'fleeting', NULL);
            DELETE FROM consumers WHERE username = 'fleeting';
            DELETE FROM snis;
            INSERT INTO keys VALUES (md5('key')::uuid, 'k');
            UPDATE plugins SET enabled = false WHERE config ->> 'minute' = '1'; UPDATE plugins SET enabled = true WHERE config ->> 'minute' = '1';
            TRUNCATE snis;
            """);
        var writes = (await ReadAsync(y))!.Writes;
        await using var ofX = await x.OpenAsync();
        await using var ofY = await y.OpenAsync();
        var judged = await JournalComparison.JudgeAsync(writes, ofX, ofY, "public", CancellationToken.None);
        Assert.Equal(
            [
                (true, "differs in host"), (false, "the same on cluster X"), (false, "the same on cluster X"), (true, "cluster X has no column tls_verify"),
                (true, "cluster X has no such row"), (false, "the row is on neither cluster"), (false, "the row is on neither cluster"), (true, "cluster X still has the row"),
                (true, "cluster X has no such table"), (false, "the same on cluster X"), (false, "the same on cluster X"), (true, "cluster X still has rows of this table"),
            ],
            judged.Select(static j => (j.Lost!.Value, j.Reason)));

        var same = await Assert.ThrowsAsync<StepFailedException>(() => JournalComparison.JudgeAsync(writes, ofY, ofY, "public", CancellationToken.None));
        Assert.Equal(FailureCodes.SameDatabase, same.Failure.Code);
    }

    [Fact]
    public async Task Does_not_guess_about_rows_without_a_key()
    {
        var (x, y) = (await postgres.KongAsync(), await postgres.KongAsync());
        foreach (var kong in new[] { x, y })
        {
            await kong.RunAsync("CREATE TABLE event_hooks (source text)");
        }

        await InstallAsync(y);
        await y.RunAsync("INSERT INTO event_hooks VALUES ('a'); TRUNCATE event_hooks");
        await using var ofX = await x.OpenAsync();
        await using var ofY = await y.OpenAsync();
        var judged = await JournalComparison.JudgeAsync((await ReadAsync(y))!.Writes, ofX, ofY, "public", CancellationToken.None);
        Assert.Equal([null, false], judged.Select(static j => j.Lost));
    }

    private static WriteJournal Journal(Guid upgrade, DateTimeOffset? endsAt = null, long limit = 1000, FreezeSpec? freeze = null) => new(
        new JournalOptions
        {
            UpgradeId = upgrade,
            EndsAt = endsAt ?? TimeProvider.System.GetUtcNow().AddHours(1),
            RowLimit = limit,
            Freeze = freeze ?? new FreezeSpec(),
        },
        TimeProvider.System);

    private static async Task InstallAsync(SmallKong kong, DateTimeOffset? endsAt = null, long limit = 1000, FreezeSpec? freeze = null)
    {
        await using var connection = await kong.OpenAsync();
        await Journal(Upgrade, endsAt, limit, freeze).InstallAsync(connection, CancellationToken.None);
    }

    private static async Task<JournalReading?> ReadAsync(SmallKong kong)
    {
        await using var connection = await kong.OpenAsync();
        return await WriteJournal.ReadAsync(connection, "public", CancellationToken.None);
    }
}

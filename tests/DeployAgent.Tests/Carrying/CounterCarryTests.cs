using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.DeployAgent.Carrying;
using KongUpgradeMesh.DeployAgent.Databases;
using KongUpgradeMesh.Kong.Databases;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Tests.Carrying;

/// <summary>Counters of cluster X reach cluster Y, each request once.</summary>
public sealed class CounterCarryTests(PostgresFixture postgres)
{
    private const string Table = "ratelimiting_metrics";

    // The windows that Kong counts in now.
    private const string Alice = "INSERT INTO ratelimiting_metrics (identifier, period, period_date, value, ttl) VALUES ('alice', 'month', date_trunc('month', now(), 'UTC'), 10, now() + interval '40 days');";

    [Fact]
    public async Task Adds_what_X_has_counted_since_and_nothing_twice()
    {
        var databases = await CreateAsync(Alice);
        await databases.OnXAsync("UPDATE ratelimiting_metrics SET value = value + 5");
        await databases.OnYAsync("UPDATE ratelimiting_metrics SET value = value + 3");

        var first = await databases.CarryCleanlyAsync(Table);
        Assert.Equal((1, 0, 1), (first.Read, first.Added, first.Updated));
        Assert.Equal(18, await ValueOfYAsync(databases, "alice"));

        var again = await databases.CarryCleanlyAsync(Table);
        Assert.Equal((1, 0, 0), (again.Read, again.Added, again.Updated));
        Assert.Equal(18, await ValueOfYAsync(databases, "alice"));

        await databases.OnXAsync("UPDATE ratelimiting_metrics SET value = value + 1; " + Alice.Replace("alice", "bob", StringComparison.Ordinal));
        var later = await databases.CarryCleanlyAsync(Table);
        Assert.Equal((2, 1, 1), (later.Read, later.Added, later.Updated));
        Assert.Equal((19, 10), (await ValueOfYAsync(databases, "alice"), await ValueOfYAsync(databases, "bob")));
        Assert.True(await databases.AskYAsync<bool>("SELECT ttl > now() FROM ratelimiting_metrics WHERE identifier = 'bob'"));
    }

    [Fact]
    public async Task Carries_every_kind_of_counter_but_no_window_that_is_over()
    {
        var databases = await CreateAsync("SELECT 1");
        await databases.OnXAsync("""
            INSERT INTO ratelimiting_metrics (identifier, period, period_date, value)
                VALUES ('old', 'hour', date_trunc('hour', now()) - interval '1 hour', 7), ('old', 'second', date_trunc('second', now()), 7), ('new', 'hour', date_trunc('hour', now()), 7),
                       ('old', 'unheard-of', now(), 7), ('none', 'hour', date_trunc('hour', now()), NULL);
            INSERT INTO response_ratelimiting_metrics (identifier, period, period_date, value)
                VALUES ('old', 'day', date_trunc('day', now(), 'UTC') - interval '1 day', 9), ('new', 'year', date_trunc('year', now(), 'UTC'), 9);
            INSERT INTO rl_counters SELECT name, 'n', extract(epoch FROM now())::int / 3600 * 3600 - age * 3600, 3600, 11 FROM (VALUES ('current', 0), ('previous', 1), ('old', 2)) AS w (name, age);
            """);

        var carried = await databases.CarryAsync();
        Assert.Empty(carried.Findings);
        Assert.Equal([("oauth2_tokens", 0L), ("ratelimiting_metrics", 1), ("response_ratelimiting_metrics", 1), ("rl_counters", 2)], carried.Tables.Select(static t => (t.Table, t.Added)));
        Assert.Equal("new", await databases.AskYAsync<string>("SELECT string_agg(identifier, ' ') FROM ratelimiting_metrics"));
        Assert.Equal("new", await databases.AskYAsync<string>("SELECT string_agg(identifier, ' ') FROM response_ratelimiting_metrics"));
        Assert.Equal("current previous", await databases.AskYAsync<string>("SELECT string_agg(key, ' ' ORDER BY key) FROM rl_counters"));
    }

    [Fact]
    public async Task Adds_each_request_once_while_both_clusters_count_and_carries_race()
    {
        const int clients = 1200;
        var databases = await CreateAsync(
            $"INSERT INTO ratelimiting_metrics (identifier, period, period_date, value) SELECT 'c' || n, p, date_trunc(p, now(), 'UTC'), n FROM generate_series(1, {clients}) n, unnest(ARRAY['month', 'year']) p");
        using var stop = new CancellationTokenSource();
        var traffic = new[] { Count(databases.OnXAsync, stop.Token), Count(databases.OnYAsync, stop.Token) };
        for (var round = 0; round < 3; round++)
        {
            var racing = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => databases.CarryAsync()));
            Assert.All(racing, static c => Assert.Empty(c.Findings.Select(static f => f.Message)));
        }

        await stop.CancelAsync();
        var (onX, onY) = (await traffic[0], await traffic[1]);
        await databases.CarryCleanlyAsync(Table);

        Assert.True(onX > 0 && onY > 0, $"{onX} rounds on X, {onY} on Y");
        var wrong = await databases.AskYAsync<long>($"SELECT count(*) FROM ratelimiting_metrics WHERE value <> substr(identifier, 2)::int + {onX} + {onY}");
        Assert.Equal(0, wrong);
        Assert.Equal(2L * clients, await databases.AskYAsync<long>("SELECT count(*) FROM ratelimiting_metrics"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Goes_on_where_a_carry_was_cut_off(bool byServer)
    {
        var databases = await CreateAsync("INSERT INTO ratelimiting_metrics (identifier, period, period_date, value) SELECT 'c' || n, 'year', date_trunc('year', now(), 'UTC'), 1 FROM generate_series(1, 1700) n");
        await databases.OnXAsync("UPDATE ratelimiting_metrics SET value = value + 4");
        await using var node = await databases.OpenYAsync();
        await using (var busy = await node.BeginTransactionAsync())
        {
            await using var hold = new NpgsqlCommand("UPDATE ratelimiting_metrics SET value = value + 2 WHERE identifier = 'c1300'", node);
            await hold.ExecuteNonQueryAsync();
            using var dying = new CancellationTokenSource();
            var carry = databases.CarryAsync(cancellationToken: dying.Token);
            const string waiting = "pg_stat_activity WHERE application_name = 'kong-upgrade-mesh' AND datname = current_database() AND wait_event_type = 'Lock'";
            await TestKit.Eventually.HoldsAsync("the carry waits for the busy row", async () => await databases.AskYAsync<bool>($"SELECT EXISTS (SELECT 1 FROM {waiting})"));
            if (byServer)
            {
                await databases.AskYAsync<bool>($"SELECT pg_terminate_backend(pid) FROM {waiting}");
                await busy.CommitAsync();
                Assert.Empty((await carry).Findings.Select(static f => f.Message));
            }
            else
            {
                await dying.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => carry);
                await busy.CommitAsync();
                Assert.InRange(await databases.AskYAsync<long>("SELECT count(*) FROM ratelimiting_metrics WHERE value = 5"), 500, 1699);
            }
        }

        await databases.CarryCleanlyAsync(Table);
        Assert.Equal(0L, await databases.AskYAsync<long>("SELECT count(*) FROM ratelimiting_metrics WHERE value <> CASE identifier WHEN 'c1300' THEN 7 ELSE 5 END"));
    }

    [Fact]
    public async Task A_counter_that_somebody_reset_on_X_takes_nothing_from_Y()
    {
        var databases = await CreateAsync(Alice);
        await databases.OnXAsync("UPDATE ratelimiting_metrics SET value = 2");
        await databases.CarryCleanlyAsync(Table);
        Assert.Equal(10, await ValueOfYAsync(databases, "alice"));
    }

    [Fact]
    public async Task Cannot_write_to_X_even_as_its_owner()
    {
        var databases = await CreateAsync(Alice);
        databases.Spec = databases.Spec with { From = databases.Spec.From with { Database = databases.Spec.From.Database with { User = Lab.Servers.PostgresServer.User } } };
        await using var session = await CarrySession.OpenAsync(new ClusterDatabases(databases.Spec), TimeSpan.FromSeconds(10), CancellationToken.None);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => session.X.ExecuteAsync("DELETE FROM ratelimiting_metrics", CancellationToken.None));
        Assert.Equal(PostgresErrorCodes.ReadOnlySqlTransaction, refused.SqlState);
    }

    private static async Task<int> Count(Func<string, Task> run, CancellationToken stop)
    {
        var rounds = 0;
        while (!stop.IsCancellationRequested)
        {
            // Row by row and client by client, as Kong does, so that locks are held in its order.
            await run("""
                DO $$ DECLARE r record; BEGIN
                  FOR r IN SELECT identifier FROM ratelimiting_metrics WHERE period = 'month' ORDER BY random() LOOP
                    UPDATE ratelimiting_metrics SET value = value + 1 WHERE identifier = r.identifier AND period = 'month';
                    UPDATE ratelimiting_metrics SET value = value + 1 WHERE identifier = r.identifier AND period = 'year';
                    COMMIT;
                  END LOOP;
                END $$
                """);
            rounds++;
        }

        return rounds;
    }

    private static Task<int> ValueOfYAsync(TwoDatabases databases, string client) =>
        databases.AskYAsync<int>($"SELECT value FROM ratelimiting_metrics WHERE identifier = '{client}'");

    private async Task<TwoDatabases> CreateAsync(string rows) => await TwoDatabases.CreateAsync(await postgres.ServerAsync(), rows);
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Carrying;
using KongUpgradeMesh.TestKit;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Tests.Carrying;

/// <summary>What carrying refuses, what it only reports, and what it leaves behind.</summary>
public sealed class CarryGuardTests(PostgresFixture postgres)
{
    private const string Rows = "INSERT INTO ratelimiting_metrics (identifier, period, period_date, value) VALUES ('alice', 'year', date_trunc('year', now(), 'UTC'), 10);";

    [Fact]
    public async Task Changes_nothing_in_X()
    {
        var databases = await CreateAsync();
        const string everything = "SELECT md5(query_to_xml('TABLE ratelimiting_metrics', true, true, '')::text || query_to_xml('TABLE oauth2_tokens', true, true, '')::text || query_to_xml('TABLE cluster_events', true, true, '')::text) || (SELECT string_agg(nspname || relname, ',' ORDER BY 1) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace)";
        const string written = "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint FROM pg_stat_user_tables";
        await databases.OnXAsync("UPDATE ratelimiting_metrics SET value = 11");

        // A session tells what it has written only when it ends, a moment after its client has gone: three rows made and one changed.
        var writes = await Eventually.ReachesAsync("what was written", () => databases.AskXAsync<long>(written), static rows => rows >= 4);
        var before = await databases.AskXAsync<string>(everything);
        await databases.CarryCleanlyAsync("ratelimiting_metrics");
        Assert.Equal((before, writes), (await databases.AskXAsync<string>(everything), await databases.AskXAsync<long>(written)));
    }

    [Fact]
    public async Task Refuses_when_both_clusters_have_one_database()
    {
        var databases = await CreateAsync();
        databases.Spec = databases.Spec with { To = databases.Spec.To with { Database = databases.Spec.From.Database with { Host = "localhost", User = Lab.Servers.PostgresServer.User } } };
        Assert.Equal(FailureCodes.SameDatabase, (await databases.FailAsync()).Code);
    }

    [Fact]
    public async Task Refuses_a_database_that_is_not_this_upgrades()
    {
        var databases = await CreateAsync();
        await databases.AskYAsync<int>($"COMMENT ON DATABASE {databases.NameOfY} IS 'somebody else''s'; SELECT 1");
        Assert.Equal(FailureCodes.DatabaseNotEmpty, (await databases.FailAsync()).Code);
        Assert.Equal(10, await databases.AskYAsync<int>("SELECT value FROM ratelimiting_metrics"));
    }

    [Fact]
    public async Task Adds_nothing_when_it_is_not_known_what_Y_holds()
    {
        var databases = await CreateAsync();
        await CarrySchema.RemoveAsync(databases.Y, CancellationToken.None);
        var carried = await databases.CarryAsync();
        Assert.Empty(carried.Tables);
        Assert.All(carried.Findings, static f => Assert.Equal(FailureCodes.RuntimeStateNotCarried, f.Code));
        Assert.Equal(4, carried.Findings.Count);
        Assert.Equal(10, await databases.AskYAsync<int>("SELECT value FROM ratelimiting_metrics"));
    }

    [Theory]
    [InlineData(1, 60)]
    [InlineData(60, 2)]
    public async Task Gives_up_in_time_on_a_table_that_stays_locked(int limitSeconds, int stepSeconds)
    {
        var databases = await CreateAsync();
        await databases.OnXAsync("UPDATE ratelimiting_metrics SET value = 11");
        await using var node = await databases.OpenYAsync();
        await using (var busy = await node.BeginTransactionAsync())
        {
            await using var hold = new NpgsqlCommand("LOCK TABLE ratelimiting_metrics", node);
            await hold.ExecuteNonQueryAsync();
            var carried = await databases.CarryAsync(TimeSpan.FromSeconds(limitSeconds), TimeSpan.FromSeconds(stepSeconds));
            Assert.DoesNotContain(carried.Tables, static t => t.Table == "ratelimiting_metrics");
            var finding = Assert.Single(carried.Findings);
            Assert.Equal((FailureCodes.RuntimeStateNotCarried, true), (finding.Code, finding.IsTransient));
        }

        await databases.CarryCleanlyAsync("ratelimiting_metrics");
        Assert.Equal(11, await databases.AskYAsync<int>("SELECT value FROM ratelimiting_metrics"));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Carries_only_what_the_spec_asks_for(bool counters, bool tokens)
    {
        var databases = await CreateAsync();
        databases.Spec = databases.Spec with { RuntimeState = new RuntimeStateSpec { CarryCounters = counters, CarryTokens = tokens } };
        var tables = (await databases.CarryAsync()).Tables.Select(static t => t.Table).ToList();
        Assert.Equal((counters, tokens), (tables.Contains("ratelimiting_metrics"), tables.Contains("oauth2_tokens")));
    }

    [Fact]
    public async Task Replaces_marks_that_a_dump_brought_along_and_removes_its_own()
    {
        var databases = await CreateAsync();
        await databases.OnYAsync("UPDATE kum_carry.ratelimiting_metrics SET seen = 3");
        await databases.MarkAsync();
        Assert.Equal(0, (await databases.CarryCleanlyAsync("ratelimiting_metrics")).Updated);
        await CarrySchema.RemoveAsync(databases.Y, CancellationToken.None);
        await CarrySchema.RemoveAsync(databases.Y, CancellationToken.None);
        Assert.False(await databases.AskYAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'kum_carry')"));
    }

    private async Task<TwoDatabases> CreateAsync() => await TwoDatabases.CreateAsync(await postgres.ServerAsync(), Rows);
}

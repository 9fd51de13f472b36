using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.DeployAgent.Tests.Carrying;

/// <summary>Carrying between the databases that a real Kong 2.8.5 and a real 3.4.2 made.</summary>
public sealed class RecordedStateTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Carries_from_2_8_5_to_the_same_database_migrated_to_3_4_2()
    {
        Assert.SkipUnless(RequiredServer.RecordedKong is not null, RequiredServer.NoRecordings);
        var databases = await TwoDatabases.EmptyAsync(await postgres.ServerAsync());
        var source = new KongDatabase(databases.Spec.From.Database with { User = Lab.Servers.PostgresServer.User }, static s => s);
        await RestoreAsync(source, "2.8.5/dumps/kong-2.8.5-populated.dump");
        await RestoreAsync(databases.Y, "3.4.2/dumps/kong-3.4.2-after-finish.dump");
        await databases.MarkAsync();
        await FreezeAsync(source);
        await FreezeAsync(databases.Y);
        await databases.OnXAsync("""
            INSERT INTO ratelimiting_metrics (identifier, period, period_date, value, ttl) VALUES ('127.0.0.1', 'day', date_trunc('day', now(), 'UTC'), 160, now() + interval '1 day');
            INSERT INTO response_ratelimiting_metrics (identifier, period, period_date, value) VALUES ('127.0.0.1', 'day', date_trunc('day', now(), 'UTC'), 3);
            INSERT INTO oauth2_tokens (id, credential_id, access_token, refresh_token, token_type, expires_in, scope, ttl, ws_id)
                SELECT gen_random_uuid(), id, 'issued on x', 'refresh', 'bearer', 7200, 'email', now() + interval '14 days', ws_id FROM oauth2_credentials LIMIT 1;
            """);

        var carried = await databases.CarryAsync();
        Assert.Empty(carried.Findings.Select(static f => f.Message));
        Assert.Equal([("oauth2_tokens", 1L), ("ratelimiting_metrics", 1), ("response_ratelimiting_metrics", 1)], carried.Tables.Select(static t => (t.Table, t.Added)));
        foreach (var table in new[] { "oauth2_tokens WHERE access_token = 'issued on x'", "ratelimiting_metrics WHERE period = 'day'", "response_ratelimiting_metrics" })
        {
            var digest = $"SELECT md5(string_agg(t::text, ',')) FROM (SELECT * FROM {table}) t";
            Assert.Equal(await databases.AskXAsync<string>(digest), await databases.AskYAsync<string>(digest));
        }

        await databases.OnXAsync("UPDATE ratelimiting_metrics SET value = 200 WHERE period = 'day'; DELETE FROM oauth2_tokens");
        await databases.CarryAsync();
        Assert.Equal(200, await databases.AskYAsync<int>("SELECT value FROM ratelimiting_metrics WHERE period = 'day'"));
        Assert.Equal(0L, await databases.AskYAsync<long>("SELECT count(*) FROM oauth2_tokens"));
        Assert.Equal(2L, await databases.AskYAsync<long>("SELECT count(*) FROM cluster_events WHERE data LIKE 'oauth2_tokens:issued on x:::::%'"));
    }

    private static async Task FreezeAsync(KongDatabase database)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        await new WriteFence(FenceOptions.Of(Guid.NewGuid(), database.Spec, new FreezeSpec()), TimeProvider.System).InstallAsync(connection, CancellationToken.None);
    }

    private static async Task RestoreAsync(KongDatabase database, string dump)
    {
        var result = await new ProgramRunner(TimeProvider.System).RunAsync(
            new ProgramCall
            {
                File = "pg_restore",
                Arguments = ["--no-owner", "--no-privileges", "--dbname", database.Spec.Name, Path.Combine(RequiredServer.RecordedKong!, dump)],
                Environment = database.ProcessEnvironment(),
            },
            CancellationToken.None);
        Assert.True(result.Succeeded, result.Error);
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.DeployAgent.Carrying;
using Npgsql;

namespace KongUpgradeMesh.DeployAgent.Tests.Carrying;

/// <summary>Tokens of cluster X reach cluster Y; what Y has done itself stands.</summary>
public sealed class TokenCarryTests(PostgresFixture postgres)
{
    private const string Table = "oauth2_tokens";

    [Fact]
    public async Task Follows_X_while_Y_still_has_what_was_carried()
    {
        var databases = await CreateAsync(Issue("kept", "renewed", "rotated", "revoked", "renewed-on-y", "rotated-on-y", "both"));
        await databases.OnXAsync($"""
            {Issue("issued")} {Issue("rotated-anew")}
            {Issue("expired").Replace("NULL", "now() - interval '1 minute'", StringComparison.Ordinal)}
            UPDATE oauth2_tokens SET access_token = 'renewed-again' WHERE access_token = 'renewed';
            UPDATE oauth2_tokens SET access_token = 'both-on-x' WHERE access_token = 'both';
            DELETE FROM oauth2_tokens WHERE access_token IN ('rotated', 'revoked');
            """);
        await databases.OnYAsync($"""
            UPDATE oauth2_tokens SET access_token = 'renewed-by-y' WHERE access_token = 'renewed-on-y';
            UPDATE oauth2_tokens SET access_token = 'both-on-y' WHERE access_token = 'both';
            DELETE FROM oauth2_tokens WHERE access_token = 'rotated-on-y'; {Issue("rotated-by-y")}
            """);

        var carried = await databases.CarryCleanlyAsync(Table);
        Assert.Equal((7, 2, 1, 2, 1), (carried.Read, carried.Added, carried.Updated, carried.Removed, carried.Skipped));
        Assert.Equal("both-on-y issued kept renewed-again renewed-by-y rotated-anew rotated-by-y", await TokensAsync(databases));

        var again = await databases.CarryCleanlyAsync(Table);
        Assert.Equal((0, 0, 0, 0), (again.Added, again.Updated, again.Removed, again.Skipped));
        Assert.Equal("both-on-y issued kept renewed-again renewed-by-y rotated-anew rotated-by-y", await TokensAsync(databases));
    }

    [Fact]
    public async Task Tells_the_nodes_of_Y_to_forget_what_they_remember_of_these_tokens()
    {
        var databases = await CreateAsync(Issue("renewed", "revoked", "kept"));
        await databases.OnXAsync($"UPDATE oauth2_tokens SET access_token = 'renewed-again' WHERE access_token = 'renewed'; DELETE FROM oauth2_tokens WHERE access_token = 'revoked'; {Issue("issued")}");
        await databases.CarryCleanlyAsync(Table);
        var keys = new[] { "issued", "renewed-again", "renewed", "revoked" }.Select(static t => $"oauth2_tokens:{t}:::::{TwoDatabases.Workspace}");
        Assert.Equal(string.Join(' ', keys), await databases.AskYAsync<string>("SELECT string_agg(data, ' ' ORDER BY data COLLATE \"C\") FROM cluster_events WHERE channel = 'invalidations'"));
        Assert.Equal(0L, await databases.AskXAsync<long>("SELECT count(*) FROM cluster_events"));
    }

    [Fact]
    public async Task Removes_a_token_revoked_after_it_was_carried_and_revives_none()
    {
        var databases = await CreateAsync("SELECT 1");
        await databases.OnXAsync(Issue("short", "long"));
        Assert.Equal(2, (await databases.CarryCleanlyAsync(Table)).Added);
        await databases.OnXAsync("DELETE FROM oauth2_tokens WHERE access_token = 'short'");
        await databases.OnYAsync("DELETE FROM oauth2_tokens WHERE access_token = 'long'");
        Assert.Equal(1, (await databases.CarryCleanlyAsync(Table)).Removed);
        Assert.Equal(0L, await databases.AskYAsync<long>("SELECT count(*) FROM oauth2_tokens"));
    }

    [Fact]
    public async Task Leaves_out_a_token_that_Y_has_under_another_id()
    {
        var databases = await CreateAsync("SELECT 1");
        await databases.OnYAsync(Issue("same").Replace("md5('same')", "md5('another')", StringComparison.Ordinal));
        await databases.OnXAsync(Issue("same", "other"));
        var carried = await databases.CarryCleanlyAsync(Table);
        Assert.Equal((1, 1), (carried.Added, carried.Skipped));
        Assert.Equal("other same", await TokensAsync(databases));
    }

    [Fact]
    public async Task Carries_page_after_page_by_racing_agents()
    {
        var databases = await CreateAsync(Many(1, 4500));
        await databases.OnXAsync(Many(4501, 9000) + "DELETE FROM oauth2_tokens WHERE access_token LIKE '%7'");
        var racing = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => databases.CarryAsync()));
        Assert.All(racing, static c => Assert.Empty(c.Findings.Select(static f => f.Message)));
        var tables = racing.SelectMany(static c => c.Tables).Where(static t => t.Table == Table).ToList();
        Assert.Equal((4050L, 450L), (tables.Sum(static t => t.Added), tables.Sum(static t => t.Removed)));
        Assert.Equal(
            await databases.AskXAsync<string>("SELECT md5(string_agg(id::text || access_token, ',' ORDER BY id)) FROM oauth2_tokens"),
            await databases.AskYAsync<string>("SELECT md5(string_agg(id::text || access_token, ',' ORDER BY id)) FROM oauth2_tokens"));
    }

    [Fact]
    public async Task Looks_at_X_only_when_its_turn_has_come()
    {
        var databases = await CreateAsync("SELECT 1");
        await databases.OnXAsync(Issue("revoked meanwhile", "kept"));
        await using var other = await databases.OpenYAsync();
        await using var turn = await other.BeginTransactionAsync();
        await using var take = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({TokenCarry.Turn})", other);
        await take.ExecuteNonQueryAsync();
        var carry = databases.CarryAsync();
        await TestKit.Eventually.HoldsAsync("the carry waits for its turn", async () => await databases.AskYAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted)"));
        await databases.OnXAsync("DELETE FROM oauth2_tokens WHERE access_token = 'revoked meanwhile'");
        await turn.CommitAsync();
        Assert.Empty((await carry).Findings.Select(static f => f.Message));
        Assert.Equal("kept", await TokensAsync(databases));
    }

    [Fact]
    public async Task Copies_the_columns_that_both_versions_have()
    {
        var databases = await CreateAsync(
            "SELECT 1", onlyX: "ALTER TABLE oauth2_tokens ADD gone_in_y text DEFAULT 'x'", onlyY: "ALTER TABLE oauth2_tokens ADD new_in_y integer NOT NULL DEFAULT 42");
        await databases.OnXAsync(Issue("issued"));
        Assert.Equal(1, (await databases.CarryCleanlyAsync(Table)).Added);
        Assert.Equal(42, await databases.AskYAsync<int>("SELECT new_in_y FROM oauth2_tokens"));
        Assert.Equal(
            await databases.AskXAsync<string>("SELECT md5(row(id, created_at, credential_id, access_token, refresh_token, expires_in, scope, ttl, ws_id)::text) FROM oauth2_tokens"),
            await databases.AskYAsync<string>("SELECT md5(row(id, created_at, credential_id, access_token, refresh_token, expires_in, scope, ttl, ws_id)::text) FROM oauth2_tokens"));
    }

    [Fact]
    public async Task Says_when_rows_of_X_cannot_fit_and_carries_the_rest()
    {
        var databases = await CreateAsync("SELECT 1", onlyY: "ALTER TABLE oauth2_tokens ADD demanded integer NOT NULL");
        await databases.OnXAsync(Issue("issued") + "INSERT INTO rl_counters VALUES ('k', 'n', extract(epoch FROM now()), 3600, 5)");
        var carried = await databases.CarryAsync();
        var finding = Assert.Single(carried.Findings);
        Assert.Equal(FailureCodes.RuntimeStateNotCarried, finding.Code);
        Assert.Contains("demanded", Assert.Single(finding.Details), StringComparison.Ordinal);
        Assert.Equal(5, await databases.AskYAsync<int>("SELECT count FROM rl_counters"));
    }

    private static string Issue(params string[] tokens) => string.Concat(tokens.Select(static t => $"""
        INSERT INTO oauth2_tokens (id, credential_id, access_token, refresh_token, expires_in, scope, ttl, ws_id)
            VALUES (md5('{t}')::uuid, '{TwoDatabases.Credential}', '{t}', 'refresh of {t}', 7200, 'email', NULL, '{TwoDatabases.Workspace}');
        """));

    private static string Many(int from, int to) => $"""
        INSERT INTO oauth2_tokens (id, credential_id, access_token, refresh_token, expires_in, ttl, ws_id)
            SELECT md5('many' || n)::uuid, '{TwoDatabases.Credential}', 'token-' || n, 'refresh-' || n, 7200, now() + interval '1 hour', '{TwoDatabases.Workspace}' FROM generate_series({from}, {to}) n;
        """;

    private static Task<string> TokensAsync(TwoDatabases databases) => databases.AskYAsync<string>("SELECT string_agg(access_token, ' ' ORDER BY access_token COLLATE \"C\") FROM oauth2_tokens");

    private async Task<TwoDatabases> CreateAsync(string rows, string onlyX = "SELECT 1", string onlyY = "SELECT 1") =>
        await TwoDatabases.CreateAsync(await postgres.ServerAsync(), rows, onlyX, onlyY);
}

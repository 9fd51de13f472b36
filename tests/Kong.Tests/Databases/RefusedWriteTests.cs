using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Lab.Servers;
using Npgsql;

namespace KongUpgradeMesh.Tests.Databases;

public sealed class RefusedWriteTests(PostgresFixture postgres)
{
    private const string Secret = "hunter2-of-a-row";

    [Fact]
    public async Task Tells_who_tried_what_where_and_when_but_not_with_which_values()
    {
        var kong = await postgres.FrozenAsync();
        var before = await kong.AskAsync<DateTime>("SELECT clock_timestamp()");
        await TryAsync(kong, SmallKong.Owner, "deck", $"INSERT INTO consumers (id, username) VALUES (gen_random_uuid(), '{Secret}')");
        await TryAsync(kong, PostgresServer.User, new string('n', 60), $"SET ROLE {SmallKong.Owner}; UPDATE services SET host = '{Secret}'");
        await TryAsync(kong, SmallKong.Owner, "", "DELETE FROM services");
        await TryAsync(kong, SmallKong.Owner, "psql", "TRUNCATE snis");

        var latest = (await kong.VerifyAsync()).LatestRefusals;

        Assert.Equal(
            [
                ("snis", "TRUNCATE", SmallKong.Owner, "psql", "127.0.0.1"),
                ("services", "DELETE", SmallKong.Owner, null, "127.0.0.1"),
                ("services", "UPDATE", PostgresServer.User, new string('n', 40), "127.0.0.1"),
                ("consumers", "INSERT", SmallKong.Owner, "deck", "127.0.0.1"),
            ],
            latest.Select(static r => (r.Table, r.Operation, r.Role, r.ApplicationName, r.ClientAddress)));
        Assert.All(latest, r => Assert.InRange(r.At.UtcDateTime, before, before.AddMinutes(1)));
        Assert.DoesNotContain(Secret, string.Concat(latest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Knows_a_client_on_a_unix_socket_has_no_address()
    {
        var kong = await postgres.FrozenAsync();
        var directory = await kong.AskAsync<string>("SHOW unix_socket_directories");
        await TryAsync(kong, SmallKong.Owner, "local", "DELETE FROM services", directory);
        Assert.Equal(("local", null), Assert.Single((await kong.VerifyAsync()).LatestRefusals.Select(static r => (r.ApplicationName, r.ClientAddress))));
    }

    [Fact]
    public async Task Keeps_the_latest_sixteen_and_takes_those_of_one_writer_together()
    {
        var kong = await postgres.FrozenAsync();
        await TryAsync(kong, SmallKong.Owner, "early", "DELETE FROM consumers");
        for (var n = 0; n < 6; n++)
        {
            await TryAsync(kong, SmallKong.Owner, "ansible", "DELETE FROM services");
            await TryAsync(kong, SmallKong.Owner, "ansible", "DELETE FROM services");
            await TryAsync(kong, SmallKong.Owner, "deck", "DELETE FROM plugins");
        }

        var status = await kong.VerifyAsync();
        Assert.Equal(19, status.RefusedWrites);
        Assert.Equal(16, status.LatestRefusals.Count);
        Assert.Equal(
            [("deck", "plugins", 6), ("ansible", "services", 10)],
            RefusedWrite.ByWriter(status.LatestRefusals).Select(static w => (w.ApplicationName!, w.Table, w.Count)));
    }

    [Fact]
    public async Task Survives_a_dropped_role_and_a_dropped_table()
    {
        var kong = await postgres.FrozenAsync();
        var role = $"passing_{Guid.NewGuid():N}"[..20];
        await using var superuser = await kong.OpenSuperuserAsync();
        await SmallKong.RunAsync(superuser, $"CREATE ROLE {role} LOGIN; GRANT ALL ON snis TO {role}");
        await TryAsync(kong, role, "passing", "DELETE FROM snis");
        await SmallKong.RunAsync(superuser, $"DROP TABLE snis; DROP ROLE {role}");

        var refusal = Assert.Single((await kong.VerifyAsync()).LatestRefusals);
        Assert.Null(refusal.Role);
        Assert.EndsWith("(dropped)", refusal.Table, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DROP SEQUENCE kum_fence.__refusal_0_1, kum_fence.__refusals__, kum_fence.services")]
    [InlineData("DO $$ DECLARE s text; BEGIN FOR s IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'kum_fence' LOOP EXECUTE format('DROP SEQUENCE kum_fence.%I', s); END LOOP; END $$")]
    public async Task Refuses_as_ever_when_it_cannot_be_written_down(string damage)
    {
        var kong = await postgres.FrozenAsync();
        await kong.RunAsync(damage);
        await using var owner = await kong.OpenAsync();
        await Fencing.AssertRefusedAsync(owner, "DELETE FROM services");
        Assert.True((await kong.VerifyAsync()).HoldsFor(Fencing.Upgrade));
    }

    [Fact]
    public async Task Never_mixes_two_writers_however_many_try_at_once()
    {
        var kong = await postgres.FrozenAsync();
        var writers = Enumerable.Range(0, 8).Select(n => Task.Run(async () =>
        {
            // Table, operation and name belong together: a torn entry would show another combination.
            var (table, operation) = n % 2 == 0 ? ("services", "DELETE FROM services") : ("consumers", "UPDATE consumers SET username = username");
            await using var connection = await OpenAsync(kong, SmallKong.Owner, $"{table}-{n}", null);
            for (var i = 0; i < 150; i++)
            {
                await Fencing.AssertRefusedAsync(connection, operation);
            }
        })).ToList();
        var looks = 0;
        await using var reader = await kong.OpenAsync();
        while (!writers.TrueForAll(static w => w.IsCompleted) || looks == 0)
        {
            foreach (var refusal in (await Fencing.Of(kong.Spec).VerifyAsync(reader, CancellationToken.None)).LatestRefusals)
            {
                Assert.StartsWith(refusal.Table, refusal.ApplicationName, StringComparison.Ordinal);
                Assert.Equal(refusal.Table == "services" ? "DELETE" : "UPDATE", refusal.Operation);
                looks++;
            }
        }

        await Task.WhenAll(writers);
        Assert.Equal(1200, (await kong.VerifyAsync()).RefusedWrites);
    }

    private static async Task TryAsync(SmallKong kong, string role, string application, string sql, string? host = null)
    {
        await using var connection = await OpenAsync(kong, role, application, host);
        await Fencing.AssertRefusedAsync(connection, sql);
    }

    private static async Task<NpgsqlConnection> OpenAsync(SmallKong kong, string role, string application, string? host)
    {
        var settings = new NpgsqlConnectionStringBuilder(kong.Server.ConnectionString(kong.Spec.Name))
        {
            Host = host ?? kong.Spec.Host,
            Username = role,
            ApplicationName = application,
            Pooling = false,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.TestKit;
using Npgsql;
using static KongUpgradeMesh.Tests.Databases.Fencing;

namespace KongUpgradeMesh.Tests.Databases;

public sealed class WriteFenceTests(PostgresFixture postgres)
{
    public static TheoryData<string> Writes => new(
        "INSERT INTO services (id, name) VALUES (gen_random_uuid(), 'new')",
        "INSERT INTO services (id, name) VALUES (md5('service1')::uuid, 'service-1') ON CONFLICT (id) DO UPDATE SET host = 'other'",
        "UPDATE services SET host = 'other' WHERE name = 'service-1'",
        "DELETE FROM services WHERE name = 'service-1'",
        "DELETE FROM consumers WHERE username = 'consumer-1'",
        "TRUNCATE services CASCADE",
        "TRUNCATE keyauth_credentials",
        "WITH d AS (DELETE FROM plugins RETURNING *) SELECT count(*) FROM d",
        "UPDATE tags SET tags = '{red}'",
        "UPDATE schema_meta SET pending = '{016_280_to_300}'",
        "DELETE FROM keyauth_credentials WHERE key IN ('fleeting', 'expired')",
        "UPDATE keyauth_credentials SET ttl = now() + interval '1 year' WHERE key = 'expired'",
        "UPDATE oauth2_credentials SET client_id = 'other', client_secret = '$pbkdf2$new'",
        "SET session_replication_role = replica; INSERT INTO services (id, name) VALUES (gen_random_uuid(), 'new')");

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Refuses_and_counts_each_kind_of_write_by_owner_and_superuser(string write)
    {
        var kong = await postgres.FrozenAsync();
        await using var superuser = await kong.OpenSuperuserAsync();
        await AssertRefusedAsync(superuser, write);
        if (!write.StartsWith("SET session", StringComparison.Ordinal))
        {
            await using var owner = await kong.OpenAsync();
            await AssertRefusedAsync(owner, write);
        }

        var status = await kong.VerifyAsync();
        Assert.Equal(write.StartsWith("SET session", StringComparison.Ordinal) ? 1 : 2, status.RefusedWrites);
        Assert.True(status.HoldsFor(Upgrade));
    }

    [Fact]
    public async Task Refuses_a_copy()
    {
        var kong = await postgres.FrozenAsync();
        await using var owner = await kong.OpenAsync();
        var refusal = await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await using var writer = await owner.BeginTextImportAsync("COPY consumers (id, username) FROM STDIN");
            await writer.WriteAsync("9f1f3f9e-0000-4000-8000-000000000001\tnew\n");
            await writer.DisposeAsync();
        });
        Assert.Equal(WriteFence.SqlState, refusal.SqlState);
        Assert.Equal(1, (await kong.VerifyAsync()).RefusedByTable["consumers"]);
    }

    [Fact]
    public async Task Refuses_writers_whose_session_was_open_before()
    {
        var kong = await postgres.KongAsync();
        await using var pooled = await kong.OpenAsync();
        await SmallKong.RunAsync(pooled, "UPDATE services SET host = host");
        await kong.FreezeAsync();
        await AssertRefusedAsync(pooled, "UPDATE services SET host = host");
    }

    [Theory]
    [InlineData("INSERT INTO oauth2_tokens VALUES (gen_random_uuid(), md5('oauth1')::uuid, 'new', now())")]
    [InlineData("INSERT INTO ratelimiting_metrics VALUES ('c', 'hour', now(), 1)")]
    [InlineData("UPDATE ratelimiting_metrics SET value = value + 1")]
    [InlineData("INSERT INTO cluster_events VALUES (gen_random_uuid(), 'invalidations', 'x')")]
    [InlineData("DELETE FROM sessions")]
    [InlineData("TRUNCATE locks")]
    [InlineData("DELETE FROM keyauth_credentials WHERE ttl < now()")]
    [InlineData("UPDATE oauth2_credentials SET client_secret = '$pbkdf2$new'")]
    [InlineData("UPDATE services SET host = 'x' WHERE false")]
    public async Task Lets_pass_what_Kong_itself_does_while_it_serves(string write)
    {
        var kong = await postgres.FrozenAsync();
        await kong.RunAsync(write);
        Assert.Equal(0, (await kong.VerifyAsync()).RefusedWrites);
    }

    [Fact]
    public async Task Lets_ACME_write_certificates_only_when_asked_to()
    {
        const string renewal = "INSERT INTO certificates VALUES (gen_random_uuid(), 'new', 'new')";
        var strict = await postgres.FrozenAsync();
        await Assert.ThrowsAsync<PostgresException>(() => strict.RunAsync(renewal));

        var lenient = await postgres.FrozenAsync(new FreezeSpec { AllowAcmeWrites = true });
        Assert.Equal(1, await lenient.RunAsync(renewal));
    }

    [Theory]
    [InlineData(UnknownTableChoice.Leave, false)]
    [InlineData(UnknownTableChoice.Fence, true)]
    public async Task Fences_unknown_tables_as_the_spec_says(UnknownTableChoice choice, bool refused)
    {
        var kong = await postgres.KongAsync();
        await kong.RunAsync("CREATE TABLE \"odd \"\"table\" (id int, ttl timestamptz)");
        await kong.FreezeAsync(new FreezeSpec { UnknownTables = choice });
        var write = kong.RunAsync("INSERT INTO \"odd \"\"table\" VALUES (1)");
        if (refused)
        {
            await Assert.ThrowsAsync<PostgresException>(() => write);
        }
        else
        {
            await write;
        }
    }

    [Fact]
    public async Task Keeps_the_count_when_installed_again()
    {
        var kong = await postgres.FrozenAsync();
        await Assert.ThrowsAsync<PostgresException>(() => kong.RunAsync("DELETE FROM services"));
        Assert.Equal(1, (await kong.FreezeAsync()).RefusedWrites);
    }

    [Fact]
    public async Task Leaves_the_fence_of_another_upgrade_alone()
    {
        var kong = await postgres.FrozenAsync();
        await using var connection = await kong.OpenAsync();
        var other = new WriteFence(FenceOptions.Of(Guid.NewGuid(), kong.Spec, new FreezeSpec()), TimeProvider.System);
        var failure = await Assert.ThrowsAsync<StepFailedException>(() => other.InstallAsync(connection, CancellationToken.None));
        Assert.Equal(FailureCodes.UpgradeAlreadyRunning, failure.Failure.Code);
        Assert.Equal(Upgrade, (await other.LiftAsync(connection, CancellationToken.None)).Owner);
        Assert.True((await kong.VerifyAsync()).HoldsFor(Upgrade));
    }

    [Fact]
    public async Task Lifts_the_fence_of_another_upgrade_when_told_whosever_it_is()
    {
        var kong = await postgres.FrozenAsync();
        await using var connection = await kong.OpenAsync();
        var other = new WriteFence(FenceOptions.Of(Guid.NewGuid(), kong.Spec, new FreezeSpec()), TimeProvider.System);
        Assert.Equal(new FenceLift(true, null, 0), await other.LiftWhoseverAsync(connection, CancellationToken.None));
        Assert.Equal(0L, await kong.ObjectsLeftAsync());
    }

    [Fact]
    public async Task Gives_up_behind_a_long_writer_without_a_trace_and_without_holding_others_up()
    {
        var kong = await postgres.KongAsync();
        await using var writer = await kong.OpenAsync();
        await using var transaction = await writer.BeginTransactionAsync();
        await SmallKong.RunAsync(writer, "UPDATE services SET host = 'slow' WHERE name = 'service-1'");
        var freezing = kong.FreezeAsync(new FreezeSpec { DrainTimeout = TimeSpan.FromSeconds(2), LockTimeout = TimeSpan.FromMilliseconds(100) });
        using var pace = new Pace();
        for (var n = 0; n < 20; n++)
        {
            var before = pace.Elapsed;
            await kong.RunAsync("UPDATE services SET host = 'quick' WHERE name = 'service-2'");
            Assert.True(pace.Elapsed - before < TimeSpan.FromSeconds(3), $"update {n} took {pace.Elapsed - before}; in all {pace}");
        }

        var failure = await Assert.ThrowsAsync<StepFailedException>(() => freezing);
        Assert.Equal(FailureCodes.WritersNotDrained, failure.Failure.Code);
        Assert.Contains(failure.Failure.Details, static d => d.Contains("services", StringComparison.Ordinal));
        await transaction.CommitAsync();
        Assert.Equal(0L, await kong.ObjectsLeftAsync());
    }

    [Fact]
    public async Task Waits_for_a_writer_that_ends_in_time()
    {
        var kong = await postgres.KongAsync();
        await using var writer = await kong.OpenAsync();
        var transaction = await writer.BeginTransactionAsync();
        await SmallKong.RunAsync(writer, "UPDATE services SET host = 'slow' WHERE name = 'service-1'");
        var freezing = kong.FreezeAsync(new FreezeSpec { DrainTimeout = TimeSpan.FromMinutes(2) });
        await Eventually.HoldsAsync("the fence is at it", () => kong.AskAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND (query LIKE 'ROLLBACK TO SAVEPOINT%' OR wait_event_type = 'Lock'))"));
        await transaction.CommitAsync();
        Assert.True((await freezing).HoldsFor(Upgrade));
        Assert.Equal("slow", await kong.AskAsync<string>("SELECT host FROM services WHERE name = 'service-1'"));
    }

    // A delete from services goes on to plugins and tags: a fence that held these while it waits for services would stand off with it.
    [Fact]
    public async Task Waits_for_a_table_before_it_locks_what_refers_to_it()
    {
        var kong = await postgres.KongAsync();
        await using var writer = await kong.OpenAsync();
        await SmallKong.RunAsync(writer, "BEGIN; LOCK TABLE services IN ROW EXCLUSIVE MODE");
        var freezing = kong.FreezeAsync();
        var held = await Eventually.ReachesAsync(
            "the fence waits for services",
            () => kong.AskAsync<long>("""
                SELECT CASE WHEN count(*) FILTER (WHERE NOT granted AND relation = 'services'::regclass) = 0 THEN -1
                  ELSE count(*) FILTER (WHERE granted AND mode = 'ShareRowExclusiveLock' AND relation IN ('plugins'::regclass, 'tags'::regclass)) END
                FROM pg_locks
                """),
            static held => held >= 0);
        await SmallKong.RunAsync(writer, "COMMIT");
        Assert.Equal(0, held);
        Assert.True((await freezing).HoldsFor(Upgrade));
    }

    [Fact]
    public async Task Lifting_leaves_nothing_and_can_be_repeated()
    {
        var kong = await postgres.FrozenAsync();
        await Assert.ThrowsAsync<PostgresException>(() => kong.RunAsync("DELETE FROM services"));
        Assert.Equal(new FenceLift(true, null, 1), await kong.LiftAsync());
        Assert.Equal(0L, await kong.ObjectsLeftAsync());
        Assert.Equal(new FenceLift(false, null, 0), await kong.LiftAsync());
        Assert.Equal(20, await kong.RunAsync("DELETE FROM services"));
    }

    [Theory]
    [InlineData("DROP TRIGGER kum_fence_rows ON services; DROP TRIGGER kum_fence_truncate ON tags")]
    [InlineData("DROP TABLE kum_fence.__fence__")]
    [InlineData("DROP FUNCTION kum_fence.refuse() CASCADE")]
    [InlineData("DROP SEQUENCE kum_fence.services")]
    public async Task Lifts_a_fence_that_is_half_there(string damage)
    {
        var kong = await postgres.FrozenAsync();
        await kong.RunAsync(damage);
        Assert.True((await kong.LiftAsync()).Found);
        Assert.Equal(0L, await kong.ObjectsLeftAsync());
        await kong.RunAsync("DELETE FROM services");
    }

    [Fact]
    public async Task Lets_writes_through_at_once_even_when_a_reader_holds_up_the_cleaning()
    {
        var kong = await postgres.FrozenAsync();
        await using var reader = await kong.OpenAsync();
        var reading = await reader.BeginTransactionAsync();
        await SmallKong.RunAsync(reader, "SELECT * FROM services");
        var brief = new FreezeSpec { DrainTimeout = TimeSpan.FromMilliseconds(300), LockTimeout = TimeSpan.FromMilliseconds(50) };
        var failure = await Assert.ThrowsAsync<StepFailedException>(() => kong.LiftAsync(brief));
        Assert.Equal(FailureCodes.LockTimeout, failure.Failure.Code);
        Assert.Equal(1, await kong.RunAsync("UPDATE services SET host = 'free' WHERE name = 'service-1'"));
        await reading.CommitAsync();
        await kong.LiftAsync();
        Assert.Equal(0L, await kong.ObjectsLeftAsync());
    }

    [Fact]
    public async Task Refuses_to_fence_a_database_without_Kong()
    {
        var server = await postgres.ServerAsync();
        var name = $"empty_{Guid.NewGuid():N}"[..20];
        await server.CreateDatabaseAsync(name);
        var empty = new SmallKong(server, name);
        await using var connection = await empty.OpenSuperuserAsync();
        var failure = await Assert.ThrowsAsync<StepFailedException>(() => Of(empty.Spec).InstallAsync(connection, CancellationToken.None));
        Assert.Equal(FailureCodes.FenceNotHolding, failure.Failure.Code);
    }
}

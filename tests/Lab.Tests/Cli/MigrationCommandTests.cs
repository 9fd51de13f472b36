using KongUpgradeMesh.Lab.Tests.Running;

namespace KongUpgradeMesh.Lab.Tests.Cli;

/// <summary>Texts and exit codes of <c>kong migrations</c>.</summary>
public sealed class MigrationCommandTests(LabFixture lab)
{
    [Fact]
    public async Task An_empty_database_needs_bootstrapping()
    {
        await using var kong = new KongCli("2.8.5", lab.Postgres.Port, await lab.CreateDatabaseAsync());
        Assert.Equal(3, (await kong.RunAsync("migrations", "list")).ExitCode);
        Assert.Equal(1, (await kong.RunAsync("migrations", "up")).ExitCode);
        var start = await kong.RunAsync("start");
        Assert.Equal(1, start.ExitCode);
        Assert.Contains("Database needs bootstrapping", start.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bootstrapping_twice_does_nothing()
    {
        await using var kong = new KongCli("2.8.5", lab.Postgres.Port, await lab.CreateDatabaseAsync());
        Assert.EndsWith("43 executed\nDatabase is up-to-date\n", await kong.MustAsync("migrations", "bootstrap"), StringComparison.Ordinal);
        Assert.Equal("Database already bootstrapped\n", await kong.MustAsync("migrations", "bootstrap"));
        Assert.Equal("Database is already up-to-date\n", await kong.MustAsync("migrations", "up"));
        Assert.Equal("No pending migrations to finish\n", await kong.MustAsync("migrations", "finish"));
    }

    [Fact]
    public async Task A_2_8_database_goes_through_the_recorded_states()
    {
        var database = await lab.RestoreRecordedAsync();
        await using var kong = new KongCli("3.4.2", lab.Postgres.Port, database);
        var recorded = await File.ReadAllTextAsync(Path.Combine(Recordings.Folder(), "3.4.2/cli/01-before-and-up.txt"), TestContext.Current.CancellationToken);

        var start = await kong.RunAsync("start");
        Assert.Equal(1, start.ExitCode);
        Assert.StartsWith("Error: ./kong/cmd/utils/migrations.lua:20: New migrations available; run 'kong migrations up' to proceed\n", start.Error, StringComparison.Ordinal);

        var before = await kong.RunAsync("migrations", "list");
        Assert.Equal(5, before.ExitCode);
        Assert.Contains(before.Output, recorded, StringComparison.Ordinal);

        // It succeeds and has done nothing.
        Assert.Equal("\nNew migrations available; run 'kong migrations up' to proceed\n", await kong.MustAsync("migrations", "finish"));
        Assert.Equal(5, (await kong.RunAsync("migrations", "list")).ExitCode);

        var up = await kong.MustAsync("migrations", "up");
        Assert.Contains(up.Replace(database, "kong_y", StringComparison.Ordinal), recorded, StringComparison.Ordinal);
        var between = await kong.RunAsync("migrations", "list");
        Assert.Equal(4, between.ExitCode);
        Assert.Contains(between.Output, await RecordedAsync("02-between-up-and-finish.txt") + recorded, StringComparison.Ordinal);
        Assert.Equal(1, (await kong.RunAsync("migrations", "up")).ExitCode);

        var finish = await kong.MustAsync("migrations", "finish");
        Assert.Contains(finish.Replace(database, "kong_y", StringComparison.Ordinal), await RecordedAsync("03-finish.txt"), StringComparison.Ordinal);
        var after = await kong.RunAsync("migrations", "list");
        Assert.Equal(0, after.ExitCode);
        Assert.Contains(after.Output, await RecordedAsync("03-finish.txt"), StringComparison.Ordinal);

        // The older release still finds its own migrations and says nothing of the newer ones.
        await using var old = new KongCli("2.8.5", lab.Postgres.Port, database);
        Assert.Equal(0, (await old.RunAsync("migrations", "list")).ExitCode);
    }

    [Fact]
    public async Task Of_two_ups_at_once_one_does_the_work()
    {
        var database = await lab.RestoreRecordedAsync();
        await using var first = new KongCli("3.4.2", lab.Postgres.Port, database);
        await using var second = new KongCli("3.4.2", lab.Postgres.Port, database);
        var results = await Task.WhenAll(first.RunAsync("migrations", "up"), second.RunAsync("migrations", "up"));
        Assert.Equal([0, 1], results.Select(r => r.ExitCode).Order());
        Assert.Contains("Database has pending migrations; run 'kong migrations finish'", results.Single(r => r.ExitCode == 1).Error, StringComparison.Ordinal);
        Assert.Equal(4, (await first.RunAsync("migrations", "list")).ExitCode);
    }

    [Fact]
    public async Task A_fenced_database_is_not_migrated_and_can_be_migrated_later()
    {
        var database = await lab.RestoreRecordedAsync();
        await lab.ExecuteAsync(database, """
            CREATE FUNCTION fence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'configuration is frozen' USING ERRCODE = 'KF001'; END $$;
            CREATE TRIGGER fence BEFORE INSERT OR UPDATE OR DELETE ON routes FOR EACH ROW EXECUTE FUNCTION fence();
            """);
        await using var kong = new KongCli("3.4.2", lab.Postgres.Port, database);
        var refused = await kong.RunAsync("migrations", "up");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("failed to run migration '016_280_to_300' up_f: ERROR: configuration is frozen", refused.Error, StringComparison.Ordinal);
        Assert.Equal(5, (await kong.RunAsync("migrations", "list")).ExitCode);

        await lab.ExecuteAsync(database, "DROP TRIGGER fence ON routes");
        await kong.MustAsync("migrations", "up");
    }

    [Fact]
    public async Task A_database_that_cannot_be_reached_is_an_error()
    {
        await using var kong = new KongCli("3.4.2", lab.Postgres.Port, "no_such_database");
        var list = await kong.RunAsync("migrations", "list");
        Assert.Equal(1, list.ExitCode);
        Assert.Contains("failed to retrieve PostgreSQL server_version_num: FATAL:", list.Error, StringComparison.Ordinal);
    }

    private static Task<string> RecordedAsync(string file) =>
        File.ReadAllTextAsync(Path.Combine(Recordings.Folder(), "3.4.2/cli", file), TestContext.Current.CancellationToken);
}

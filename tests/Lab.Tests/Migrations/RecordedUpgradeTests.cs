using KongUpgradeMesh.Lab.Tests.Running;

namespace KongUpgradeMesh.Lab.Tests.Migrations;

/// <summary>A recorded 2.8.5 database must become what the real 3.4.2 made of it.</summary>
public sealed class RecordedUpgradeTests(LabFixture lab)
{
    // The time of the migration is the only thing that may differ in a row.
    private static readonly HashSet<string> VolatileColumns = ["updated_at"];

    // Run-time state, and the bookkeeping whose rows are compared in a test of their own.
    private static readonly HashSet<string> RuntimeTables = ["cluster_events", "locks"];

    [Fact]
    public async Task Up_makes_the_recorded_schema_and_rows()
    {
        var database = await lab.RestoreRecordedAsync();
        await using var kong = new KongCli("3.4.2", lab.Postgres.Port, database);
        await kong.MustAsync("migrations", "up");
        await CompareAsync(database, "after-up");
    }

    [Fact]
    public async Task Finish_makes_the_recorded_schema_and_rows()
    {
        var database = await lab.RestoreRecordedAsync();
        await using var kong = new KongCli("3.4.2", lab.Postgres.Port, database);
        await kong.MustAsync("migrations", "up");
        await kong.MustAsync("migrations", "finish");
        await CompareAsync(database, "after-finish");
    }

    [Fact]
    public async Task Bootstrap_of_2_8_makes_the_recorded_schema()
    {
        var recorded = await File.ReadAllTextAsync(Path.Combine(Recordings.Folder(), "2.8.5/dumps/kong-2.8.5-populated.schema.sql"), TestContext.Current.CancellationToken);
        var database = await lab.CreateDatabaseAsync();
        await using var kong = new KongCli("2.8.5", lab.Postgres.Port, database);
        await kong.MustAsync("migrations", "bootstrap");
        Assert.Equal(DumpText.Schema(recorded), DumpText.Schema(await lab.DumpAsync(database, "--schema-only")));
    }

    [Fact]
    public async Task Bootstrap_of_3_4_makes_the_recorded_schema()
    {
        var recorded = await File.ReadAllTextAsync(Path.Combine(Recordings.Folder(), "3.4.2/dumps/kong-3.4.2-after-finish.schema.sql"), TestContext.Current.CancellationToken);
        var database = await lab.CreateDatabaseAsync();
        await using var kong = new KongCli("3.4.2", lab.Postgres.Port, database);
        await kong.MustAsync("migrations", "bootstrap");
        Assert.Equal(DumpText.Schema(recorded), DumpText.Schema(await lab.DumpAsync(database, "--schema-only")));
        Assert.Equal(0, (await kong.RunAsync("migrations", "list")).ExitCode);
    }

    private async Task CompareAsync(string database, string stage)
    {
        var folder = Path.Combine(Recordings.Folder(), "3.4.2/dumps");
        var recordedSchema = await File.ReadAllTextAsync(Path.Combine(folder, $"kong-3.4.2-{stage}.schema.sql"), TestContext.Current.CancellationToken);
        Assert.Equal(DumpText.Schema(recordedSchema), DumpText.Schema(await lab.DumpAsync(database, "--schema-only")));

        var recorded = DumpText.Rows(await File.ReadAllTextAsync(Path.Combine(folder, $"kong-3.4.2-{stage}.sql"), TestContext.Current.CancellationToken), VolatileColumns);
        var actual = DumpText.Rows(await lab.DumpAsync(database), VolatileColumns);
        Assert.Equal(recorded.Keys.Order(), actual.Keys.Order());
        foreach (var (table, rows) in recorded.Where(t => !RuntimeTables.Contains(t.Key)))
        {
            Assert.Equal([table, .. rows.Order(StringComparer.Ordinal)], [table, .. actual[table].Order(StringComparer.Ordinal)]);
        }
    }
}

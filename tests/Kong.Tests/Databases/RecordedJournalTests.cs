using KongUpgradeMesh.Kong.Databases;
using KongUpgradeMesh.Kong.Journal;

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>The journal on databases that real Kongs made.</summary>
public sealed class RecordedJournalTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("2.8.5", 18)]
    [InlineData("3.4.2", 21)]
    public async Task Records_a_write_to_every_configuration_table_and_to_no_other(string version, int watched)
    {
        var kong = await postgres.RecordedAsync(version);
        await using var connection = await kong.OpenSuperuserAsync();
        var options = new JournalOptions { UpgradeId = Guid.NewGuid(), EndsAt = TimeProvider.System.GetUtcNow().AddHours(1) };
        await new WriteJournal(options, TimeProvider.System).InstallAsync(connection, CancellationToken.None);
        var tables = await KongTables.ClassifyAsync(connection, "public", CancellationToken.None);
        foreach (var table in tables.Configuration.Concat(tables.Runtime).Except(["tags", "schema_meta"]))
        {
            await SmallKong.RunAsync(connection, $"BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM \"{table}\"; COMMIT");
        }

        var journal = (await WriteJournal.ReadAsync(connection, "public", CancellationToken.None))!;
        Assert.Equal((watched, 0L), (journal.TablesWatched, journal.Failures));
        Assert.Empty(journal.TablesMissing);
        Assert.Superset(new HashSet<string> { "services", "routes", "plugins", "consumers", "keyauth_credentials", "snis" }, journal.Writes.Select(static w => w.Table).ToHashSet());
        Assert.DoesNotContain(journal.Writes, w => tables.Runtime.Contains(w.Table));
        Assert.All(journal.Writes, static w => Assert.NotNull(w.Key));
    }
}

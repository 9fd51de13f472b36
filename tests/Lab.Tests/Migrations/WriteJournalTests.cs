using KongUpgradeMesh.Kong.Journal;
using KongUpgradeMesh.Lab.Tests.Running;
using Npgsql;

namespace KongUpgradeMesh.Lab.Tests.Migrations;

/// <summary>The journal of writes beside the next upgrade's migrations and the Admin API.</summary>
public sealed class WriteJournalTests(LabFixture lab)
{
    [Fact]
    public async Task Migrations_and_Admin_API_work_on_a_journaled_database()
    {
        await using var old = await RunningKong.BootstrapAsync(lab, "2.8.5");
        var service = await old.PostAsync("/services", new { name = "orders", url = "http://127.0.0.1:9" });
        await old.PostAsync("/services/orders/routes", new { name = "regex", paths = new[] { @"/v\d+$" } });
        var database = old.Cli.Database;
        await using var connection = new NpgsqlConnection(lab.Postgres.ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        var options = new JournalOptions { UpgradeId = Guid.NewGuid(), EndsAt = TimeProvider.System.GetUtcNow().AddHours(1) };
        await new WriteJournal(options, TimeProvider.System).InstallAsync(connection, TestContext.Current.CancellationToken);

        var next = new KongCli("3.4.2", lab.Postgres.Port, database);
        await next.MustAsync("migrations", "up");
        await next.MustAsync("migrations", "finish");
        await next.MustAsync("migrations", "list");
        await using var kong = await RunningKong.StartAsync(next);
        using var patched = await kong.Admin.PatchAsync("/services/orders", new StringContent("""{"port":81}""", null, "application/json"), TestContext.Current.CancellationToken);
        Assert.True(patched.IsSuccessStatusCode);

        var journal = (await WriteJournal.ReadAsync(connection, "public", TestContext.Current.CancellationToken))!;
        Assert.Equal(0L, journal.Failures);
        Assert.Contains(journal.Writes, static w => w is { Table: "routes", Operation: "UPDATE" } && w.Columns!.Contains("paths"));
        var write = journal.Writes[^1];
        Assert.Equal(("services", "UPDATE", "kong", (string?)service["id"]), (write.Table, write.Operation, write.Application, write.Key!["id"].GetString()));
        Assert.Contains("port", write.Columns!);
    }
}

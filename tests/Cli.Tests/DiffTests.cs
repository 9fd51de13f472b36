using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.Tests.Databases;

namespace KongUpgradeMesh.Cli.Tests;

public sealed class DiffTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Names_rows_and_columns_and_no_value()
    {
        var x = await postgres.KongAsync();
        var y = await CopyAsync(x);
        await y.RunAsync("UPDATE services SET host = 'SECRET' WHERE name = 'service-1'; DELETE FROM snis; ALTER TABLE consumers ADD COLUMN extra text");

        var text = await RunAsync(x, y);
        Assert.Equal((ExitCodes.Failed, ""), (text.ExitCode, text.Error));
        Assert.Contains("services: 0 rows only on Y, 0 only on X, 1 changed", text.Output, StringComparison.Ordinal);
        Assert.Matches($"changed +{await x.AskAsync<Guid>("SELECT id FROM services WHERE name = 'service-1'")} +host", text.Output);
        Assert.Contains("snis: 0 rows only on Y, ", text.Output, StringComparison.Ordinal);
        Assert.Contains("columns only on Y, not compared: extra", text.Output, StringComparison.Ordinal);
        Assert.StartsWith("3 of ", text.Output.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);

        var json = await RunAsync(x, y, "-o", "json", "--table", "services", "--rows", "0");
        Assert.DoesNotContain("SECRET", text.Output + json.Output, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(json.Output);
        var table = Assert.Single(report.RootElement.GetProperty("tables").EnumerateArray());
        Assert.Equal((1, 0), (table.GetProperty("changed").GetInt32(), table.GetProperty("rows").GetArrayLength()));
    }

    [Fact]
    public async Task Finds_a_copy_equal()
    {
        var x = await postgres.KongAsync();
        var result = await RunAsync(x, await CopyAsync(x));
        Assert.Equal((ExitCodes.Done, ""), (result.ExitCode, result.Error));
        Assert.Contains("are equal", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere", FailureCodes.CommandNotPossible)]
    [InlineData("cluster_events", FailureCodes.CommandNotPossible)]
    public async Task Refuses_a_table_that_is_no_configuration(string table, string code)
    {
        var x = await postgres.KongAsync();
        var result = await RunAsync(x, await CopyAsync(x), "--table", table);
        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.StartsWith(code, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_to_compare_a_database_with_itself()
    {
        var x = await postgres.KongAsync();
        var result = await RunAsync(x, new SmallKong(x.Server, x.Spec.Name));
        Assert.NotEqual(ExitCodes.Done, result.ExitCode);
        Assert.Contains("database", result.Error, StringComparison.Ordinal);
    }

    private static async Task<SmallKong> CopyAsync(SmallKong x)
    {
        var name = "copy_" + Guid.NewGuid().ToString("N")[..8];
        await new SmallKong(x.Server, "postgres").RunAsync($"CREATE DATABASE {name} TEMPLATE {x.Spec.Name} OWNER {SmallKong.Owner}");
        return new SmallKong(x.Server, name);
    }

    private static Task<KumResult> RunAsync(SmallKong x, SmallKong y, params string[] more) =>
        Kum.RunAsync(new Uri("http://127.0.0.1:1"), ["diff", "-f", "-", .. more], JournalTests.SpecOf(x, y));
}

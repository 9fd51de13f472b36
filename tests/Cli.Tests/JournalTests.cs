using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Journal;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.Tests.Databases;

namespace KongUpgradeMesh.Cli.Tests;

public sealed class JournalTests(PostgresFixture postgres)
{
    private static readonly Uri NoCoordinator = new("http://127.0.0.1:1");

    [Fact]
    public async Task Says_write_by_write_what_a_return_would_lose_and_removes_the_journal()
    {
        var (x, y) = (await postgres.KongAsync(), await postgres.KongAsync());
        var upgrade = await BeginAsync(y);
        await y.RunAsync("UPDATE services SET host = 'SECRET' WHERE name = 'service-1'; INSERT INTO consumers VALUES (md5('a')::uuid, 'SECRET', NULL); DELETE FROM consumers WHERE username = 'SECRET'");

        var text = await RunAsync("show", x, y);
        Assert.Equal((0, ""), (text.ExitCode, text.Error));
        Assert.Contains("services   UPDATE", text.Output, StringComparison.Ordinal);
        Assert.Contains($"host     {SmallKong.Owner} kong-upgrade-mesh 127.0.0.1  yes   differs in host", text.Output, StringComparison.Ordinal);
        Assert.Contains("Z, 1 would be lost by a return to cluster X.\n", text.Output, StringComparison.Ordinal);
        Assert.StartsWith("3 writes since ", text.Output.Split('\n')[^2], StringComparison.Ordinal);

        var json = await RunAsync("show", x, y, "-o", "json");
        Assert.DoesNotContain("SECRET", text.Output + json.Output, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(json.Output);
        Assert.Equal((upgrade, 3, 1, 0), (report.RootElement.GetProperty("upgradeId").GetGuid(), Number(report, "writes"), Number(report, "wouldBeLost"), Number(report, "cannotBeTold")));
        Assert.Equal([true, false, false], report.RootElement.GetProperty("entries").EnumerateArray().Select(static e => e.GetProperty("lost").GetBoolean()));
        Assert.Equal(36, report.RootElement.GetProperty("entries")[0].GetProperty("key").GetProperty("id").GetString()!.Length);

        Assert.Contains("is gone from", (await RunAsync("remove", x, y)).Output, StringComparison.Ordinal);
        Assert.Contains("has no journal", (await RunAsync("remove", x, y)).Output, StringComparison.Ordinal);
        Assert.Contains("has no journal", (await RunAsync("show", x, y)).Output, StringComparison.Ordinal);
        Assert.Equal(0L, await x.AskAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'kum%'"));
    }

    [Fact]
    public async Task Does_not_guess_when_cluster_X_is_gone()
    {
        var y = await postgres.KongAsync();
        await BeginAsync(y);
        await y.RunAsync("DELETE FROM snis");
        var result = await RunAsync("show", new SmallKong(y.Server, "dropped_x"), y);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("?     cluster X is gone", result.Output, StringComparison.Ordinal);
        Assert.Contains("Z, 0 would be lost by a return to cluster X, 1 cannot be told.", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_a_database_of_cluster_Y_that_is_not_there()
    {
        var x = await postgres.KongAsync();
        var result = await RunAsync("show", x, new SmallKong(x.Server, "dropped_y"));
        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.StartsWith(FailureCodes.DatabaseUnreachable, result.Error, StringComparison.Ordinal);
    }

    private static int Number(JsonDocument report, string name) => report.RootElement.GetProperty(name).GetInt32();

    private static Task<KumResult> RunAsync(string command, SmallKong x, SmallKong y, params string[] more) =>
        Kum.RunAsync(NoCoordinator, ["journal", command, "-f", "-", .. more], SpecOf(x, y));

    internal static string SpecOf(SmallKong x, SmallKong y) => SpecText.For("shop")
        .Replace(DatabaseOf("kong_x", "kong", ""), DatabaseOf(x.Spec.Name, SmallKong.Owner, $", \"port\": {x.Spec.Port}"), StringComparison.Ordinal)
        .Replace(DatabaseOf("kong_y", "kong", ""), DatabaseOf(y.Spec.Name, SmallKong.Owner, $", \"port\": {y.Spec.Port}"), StringComparison.Ordinal);

    private static string DatabaseOf(string name, string user, string more) => $"\"name\": \"{name}\", \"user\": \"{user}\"{more}";

    private static async Task<Guid> BeginAsync(SmallKong kong)
    {
        var options = new JournalOptions { UpgradeId = Guid.NewGuid(), EndsAt = TimeProvider.System.GetUtcNow().AddHours(1) };
        await using var connection = await kong.OpenAsync();
        await new WriteJournal(options, TimeProvider.System).InstallAsync(connection, CancellationToken.None);
        return options.UpgradeId;
    }
}

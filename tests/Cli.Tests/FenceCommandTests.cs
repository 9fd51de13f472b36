using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Cli.Tests;

/// <summary>Breaking the glass: no coordinator answers in any of these.</summary>
public class FenceCommandTests
{
    private static readonly Uri Nobody = new($"http://127.0.0.1:{LoopbackPorts.Take()}");

    [Fact]
    public async Task Shows_whose_fences_stand_and_who_tried_to_write()
    {
        await using var databases = await FencedDatabases.StartAsync();
        await databases.FreezeAsync(ClusterSide.X);
        Assert.False(await databases.TryWriteAsync(ClusterSide.X, "deck"));

        var result = await RunAsync(databases, "status");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains($"fenced, all 2 tables, by upgrade {FencedDatabases.Upgrade} since ", result.Output, StringComparison.Ordinal);
        Assert.Contains("refused writes: 1 (services 1)", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"Z  kong\s+deck\s+127\.0\.0\.1\s+UPDATE\s+services\s+1\n", result.Output);
        Assert.Contains("cluster Y (database kong_y at 127.0.0.1:", result.Output, StringComparison.Ordinal);
        Assert.Contains("no fence, configuration can be written", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exits_with_1_and_names_the_defects_of_a_damaged_fence_as_JSON_too()
    {
        await using var databases = await FencedDatabases.StartAsync();
        await databases.FreezeAsync(ClusterSide.Y);
        await databases.RunAsync(ClusterSide.Y, "ALTER TABLE routes DISABLE TRIGGER kum_fence_rows");

        var result = await RunAsync(databases, "status", "--side", "y", "-o", "json");

        Assert.Equal((ExitCodes.Failed, ""), (result.ExitCode, result.Error));
        using var printed = JsonDocument.Parse(result.Output);
        var report = Assert.Single(printed.RootElement.EnumerateArray());
        Assert.Equal("Damaged", report.GetProperty("state").GetString());
        Assert.Equal(FencedDatabases.Upgrade, report.GetProperty("upgradeId").GetGuid());
        Assert.Equal("table routes: trigger missing, disabled or altered", report.GetProperty("defects")[0].GetString());
    }

    [Fact]
    public async Task Shows_one_cluster_although_the_other_does_not_answer_or_has_no_database_yet()
    {
        await using var databases = await FencedDatabases.StartAsync(withY: false);
        await databases.WriteSpecAsync(portOfX: LoopbackPorts.Take());

        var result = await RunAsync(databases, "status");

        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.Contains("UNKNOWN, the database could not be asked", result.Output, StringComparison.Ordinal);
        Assert.Contains(FailureCodes.DatabaseUnreachable, result.Output, StringComparison.Ordinal);
        Assert.Contains("the database does not exist", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lifts_the_fence_of_the_named_cluster_and_says_whose_it_was()
    {
        await using var databases = await FencedDatabases.StartAsync();
        await databases.FreezeAsync(ClusterSide.X);
        await databases.FreezeAsync(ClusterSide.Y);

        var result = await RunAsync(databases, "lift", "--side", "x", "--yes");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains(FencedDatabases.Upgrade.ToString(), result.Output, StringComparison.Ordinal);
        Assert.True(await databases.TryWriteAsync(ClusterSide.X));
        Assert.False(await databases.TryWriteAsync(ClusterSide.Y));

        result = await RunAsync(databases, "lift", "--side", "x", "--yes");
        Assert.Equal((0, "No fence stands there.\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task Asks_first_and_does_nothing_where_nobody_can_answer()
    {
        await using var databases = await FencedDatabases.StartAsync();
        await databases.FreezeAsync(ClusterSide.X);

        var result = await RunAsync(databases, "lift", "--side", "x");

        Assert.Equal(ExitCodes.Refused, result.ExitCode);
        Assert.Contains("--yes", result.Error, StringComparison.Ordinal);
        Assert.False(await databases.TryWriteAsync(ClusterSide.X));
    }

    [Fact]
    public async Task Leaves_a_fence_that_is_not_the_named_upgrades_unless_forced()
    {
        await using var databases = await FencedDatabases.StartAsync();
        await databases.FreezeAsync(ClusterSide.X);
        string[] lift = ["lift", "--side", "x", "--yes", "--upgrade", Guid.NewGuid().ToString()];

        var result = await RunAsync(databases, lift);
        Assert.Equal(ExitCodes.Refused, result.ExitCode);
        Assert.Contains(FencedDatabases.Upgrade.ToString(), result.Error, StringComparison.Ordinal);
        Assert.False(await databases.TryWriteAsync(ClusterSide.X));

        result = await RunAsync(databases, [.. lift, "--force"]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.True(await databases.TryWriteAsync(ClusterSide.X));
    }

    [Fact]
    public async Task Does_not_open_cluster_X_under_the_name_of_cluster_Y()
    {
        await using var databases = await FencedDatabases.StartAsync();
        await databases.FreezeAsync(ClusterSide.X);
        await databases.WriteSpecAsync(hostOfY: "localhost", databaseOfY: "kong_x");

        var result = await RunAsync(databases, "lift", "--side", "y", "--yes");

        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.StartsWith(FailureCodes.SameDatabase, result.Error, StringComparison.Ordinal);
        Assert.False(await databases.TryWriteAsync(ClusterSide.X));
    }

    [Theory]
    [InlineData("status", "--side", "z")]
    [InlineData("lift", "--yes")]
    public async Task Refuses_a_command_line_that_does_not_say_which_cluster(params string[] arguments)
    {
        var result = await Kum.RunAsync(Nobody, ["fence", arguments[0], "-f", "nowhere.yaml", .. arguments[1..]]);
        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Contains("--side", result.Error, StringComparison.Ordinal);
    }

    private static Task<KumResult> RunAsync(FencedDatabases databases, params string[] arguments) =>
        Kum.RunAsync(Nobody, ["fence", arguments[0], "-f", databases.Spec, .. arguments[1..]]);
}

using System.Text.Json;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Tests;

public class WatchTests
{
    [Fact]
    public async Task Ends_with_the_status_of_an_upgrade_that_has_ended()
    {
        await using var coordinator = await CannedCoordinator.StartAsync();
        coordinator.Upgrades[0] = Canned.Upgrade("RolledBack", UpgradeOutcome.RolledBack);

        var result = await Kum.RunAsync(coordinator.Address, ["watch", "payments"]);

        Assert.Equal((ExitCodes.RolledBack, ""), (result.ExitCode, result.Error));
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("09:00:00 Preflight    started          Upgrade of payments from 2.8.5 to 3.4.3 (coordinator)", lines[0]);
        Assert.Contains("RolledBack: payments 2.8.5 -> 3.4.3, 0 % on Y, after 5 min 00 s", result.Output, StringComparison.Ordinal);
        Assert.Contains("remedy: Look at the new plugin", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Output);
    }

    [Fact]
    public async Task Goes_on_after_a_broken_stream_without_losing_or_repeating_an_entry()
    {
        await using var coordinator = await CannedCoordinator.StartAsync();
        coordinator.Streams.Enqueue(async context =>
        {
            await CannedCoordinator.SendEventAsync(context, "timeline", Canned.Timeline[6], 7);
            await CannedCoordinator.SendEventAsync(context, "timeline", Canned.Entry(8, "alert", "Shift", "eight", 30), 8);
            // Told by nobody: the next question must bring it.
            coordinator.Timeline.Add(Canned.Entry(8, "alert", "Shift", "eight", 30));
            coordinator.Timeline.Add(Canned.Entry(9, "alert", "Shift", "nine", 31));
            context.Abort();
        });
        coordinator.Streams.Enqueue(async context =>
        {
            await CannedCoordinator.SendEventAsync(context, "timeline", Canned.Entry(10, "ended", "Shift", "ten", 40), 10);
            coordinator.Timeline.Add(Canned.Entry(10, "ended", "Shift", "ten", 40));
            coordinator.Upgrades[0] = Canned.Upgrade("Completed", UpgradeOutcome.Completed);
            await CannedCoordinator.SendEventAsync(context, "upgrade", coordinator.Upgrades[0]);
        });

        var result = await Kum.RunAsync(coordinator.Address, ["watch", "payments", "-o", "json"]);

        Assert.Equal((ExitCodes.Done, ""), (result.ExitCode, result.Error));
        var events = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(
            Enumerable.Range(1, 10).Select(static n => (long)n),
            events.Where(static e => e.GetProperty("event").GetString() == "timeline").Select(static e => e.GetProperty("data").GetProperty("sequence").GetInt64()));
        Assert.Equal(["7", "9"], coordinator.LastEventIds);
        Assert.Equal("Completed", events[^1].GetProperty("data").GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Polls_where_the_stream_gives_nothing()
    {
        await using var coordinator = await CannedCoordinator.StartAsync();
        coordinator.Streams.Enqueue(_ =>
        {
            coordinator.Upgrades[0] = Canned.Upgrade("Failed", UpgradeOutcome.Failed);
            return Task.CompletedTask;
        });

        var result = await Kum.RunAsync(coordinator.Address, ["start", "-f", "-", "--follow"], "cluster: payments\n");

        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.Contains("reading the split back (traffic-1)", result.Output, StringComparison.Ordinal);
    }
}

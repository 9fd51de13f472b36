using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Messaging.Tests.Orders;
using KongUpgradeMesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KongUpgradeMesh.Messaging.Tests;

/// <summary>Servers go away and come back; each test has one of its own to take away, because the others share theirs.</summary>
public sealed class OutageTests(Servers servers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly Arrivals _arrivals = new();
    private readonly OrderQueues _queues = new("t" + Guid.NewGuid().ToString("N")[..8]);
    private readonly Guid _order = Guid.NewGuid();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Delivers_once_after_the_return_of_a_broker_lost_between_commit_and_delivery(bool killed)
    {
        await using var rabbitMq = await RabbitMqServer.StartAsync();
        var database = await OrderDatabase.CreateAsync(servers);

        // Three failed sends are awaited, and a send may hang until it is given up.
        var settings = new OrderHostSettings(database.ConnectionString, _queues, _arrivals) { RabbitMq = rabbitMq, Configure = static options => options.SendTimeout = TimeSpan.FromSeconds(3) };
        await using (var first = await OrderHost.StartAsync(settings with { Dispatches = false }))
        {
            await first.SendAsync(new OpenOrder { OrderId = _order });
            await Eventually.HoldsAsync("the commit", async () => await first.Orders.FindAsync(_order, default) is not null);
        }

        // Kept back until the broker is away, so that the running dispatcher meets the outage with a row in its hand.
        await database.ExecuteAsync("UPDATE kum.outbox SET due_at = now() + interval '1 hour'");
        await using var second = await OrderHost.StartAsync(settings);
        await second.WhenHealthyAsync();
        if (killed)
        {
            // A broker that dies within about a second of a queue's first declaration loses that queue's log. What is
            // tested is the loss of a broker that has been at work, so its queues must have reached the disk.
            await Eventually.HoldsAsync("the queues on disk", async () =>
            {
                var onDisk = await Task.WhenAll(new[] { _queues.Saga, _queues.Ship, _queues.Watch }.Select(queue => rabbitMq.IsOnDiskAsync(queue)));
                return Array.TrueForAll(onDisk, static written => written);
            });
        }

        await (killed ? rabbitMq.KillAsync() : rabbitMq.StopAsync());
        await database.ExecuteAsync("UPDATE kum.outbox SET due_at = NULL");
        await database.ExecuteAsync("NOTIFY kum_outbox");

        // While the broker is away, failed sends must not count as attempts of the message; those may that were begun
        // before the loss was noticed, so three more tell the difference.
        using var failures = new SendFailures(second.Services.GetRequiredService<MessagingMetrics>());
        await Eventually.HoldsAsync("the loss", () => Task.FromResult(!second.IsConnected), Patience);
        var (attempts, failed) = (await database.ReadAsync<int>("SELECT attempts FROM kum.outbox"), failures.Count);
        await Eventually.ReachesAsync("failed sends", () => Task.FromResult(failures.Count), count => count >= failed + 3, Patience);
        Assert.Equal(1, await database.CountAsync($"kum.outbox WHERE attempts <= {attempts + 1} AND parked_at IS NULL"));
        failed = failures.Count;
        await rabbitMq.StartNodeAsync(TestContext.Current.CancellationToken);

        await Eventually.ReachesAsync(
            "an empty outbox",
            () => database.ReadAsync<string>("SELECT coalesce(string_agg(concat_ws(' ', message_type, attempts, last_error, 'parked', parked_at), '; '), '') FROM kum.outbox"),
            rows => rows.Length == 0, Patience);
        await Eventually.ReachesAsync("arrivals", () => Task.FromResult(_arrivals.ShippedFor(_order)), count => count >= 1, Patience);

        // A broker that is just back on a busy machine may take a send too late to be believed: then it is sent again, and only then.
        Assert.InRange(_arrivals.ShippedFor(_order), 1, 1 + failures.Count - failed);
    }

    [Fact]
    public async Task Goes_on_after_a_restart_of_the_database()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var database = new OrderDatabase(await postgres.CreateDatabaseAsync("orders"));
        await using var host = await OrderHost.StartAsync(new OrderHostSettings(database.ConnectionString, _queues, _arrivals));
        await host.SendAsync(new OpenOrder { OrderId = _order, RemindAfter = TimeSpan.FromSeconds(1) });
        await Eventually.HoldsAsync("the command", () => Task.FromResult(_arrivals.ShippedFor(_order) == 1));

        await postgres.StopAsync();
        Assert.Equal(HealthStatus.Unhealthy, (await host.HealthAsync()).Status);
        await postgres.StartProcessAsync(TestContext.Current.CancellationToken);

        await Eventually.HoldsAsync("the reminder", async () => await host.Orders.FindAsync(_order, default) is { Saga.Reminders: 1 }, Patience);
        var another = Guid.NewGuid();
        await host.SendAsync(new OpenOrder { OrderId = another });
        await Eventually.HoldsAsync("another command", () => Task.FromResult(_arrivals.ShippedFor(another) == 1), Patience);
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync()).Status);
    }

    [Fact]
    public async Task Waits_for_a_database_that_is_away_at_the_start()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var database = new OrderDatabase(await postgres.CreateDatabaseAsync("orders"));
        await postgres.StopAsync();
        await using var host = OrderHost.Build(new OrderHostSettings(database.ConnectionString, _queues, _arrivals));
        await host.StartAsync();
        await host.SendAsync(new OpenOrder { OrderId = _order });
        Assert.Equal(HealthStatus.Unhealthy, (await host.HealthAsync()).Status);

        await postgres.StartProcessAsync(TestContext.Current.CancellationToken);

        await Eventually.HoldsAsync("the command", () => Task.FromResult(_arrivals.ShippedFor(_order) == 1), Patience);
        Assert.Equal(HealthStatus.Healthy, (await host.HealthAsync()).Status);
    }
}

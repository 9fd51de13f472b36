using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Messaging.Tests.Orders;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Messaging.Tests;

public sealed class DeadDestinationTests(Servers servers)
{
    [Fact]
    public async Task Parks_what_a_destination_never_takes_and_delivers_to_the_others_meanwhile()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        var arrivals = new Arrivals();
        var queues = new OrderQueues("t" + Guid.NewGuid().ToString("N")[..8]);
        var settings = new OrderHostSettings(database.ConnectionString, queues, arrivals) { RabbitMq = servers.RabbitMq };
        var (dead, living) = (Guid.NewGuid(), Guid.NewGuid());
        await using (var first = await OrderHost.StartAsync(settings with { Dispatches = false }))
        {
            await first.SendAsync(new OpenOrder { OrderId = dead });
            await Eventually.HoldsAsync("the commit", async () => await database.CountAsync("kum.outbox") == 1);
        }

        // The ship queue exists as durable; an address that calls it temporary makes the broker close the channel at every send.
        await database.ExecuteAsync($"UPDATE kum.outbox SET destination = 'amqp://127.0.0.1:{servers.RabbitMq.Port}/{RabbitMqServer.VirtualHost}/{queues.Ship}?temporary=true'");
        await using var second = await OrderHost.StartAsync(settings with { Configure = options => (options.SendTimeout, options.MaximumAttempts) = (TimeSpan.FromSeconds(3), 3) });
        await second.WhenHealthyAsync();
        await second.SendAsync(new OpenOrder { OrderId = living });

        await Eventually.HoldsAsync("the living one", () => Task.FromResult(arrivals.ShippedFor(living) == 1));
        await Eventually.HoldsAsync("the parked row", async () => await database.CountAsync("kum.outbox WHERE parked_at IS NOT NULL") == 1);
        Assert.Equal(0, arrivals.ShippedFor(dead));
    }
}

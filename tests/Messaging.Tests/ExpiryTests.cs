using KongUpgradeMesh.Messaging.Tests.Orders;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Messaging.Tests;

public sealed class ExpiryTests(Servers servers)
{
    [Fact]
    public async Task Drops_a_message_that_expired_before_it_could_be_sent()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        var arrivals = new Arrivals();
        var settings = new OrderHostSettings(database.ConnectionString, new OrderQueues("expiry"), arrivals);
        var (expired, lasting) = (Guid.NewGuid(), Guid.NewGuid());
        await using (var first = await OrderHost.StartAsync(settings with { Dispatches = false }))
        {
            await first.SendAsync(new OpenOrder { OrderId = expired });
            await first.SendAsync(new OpenOrder { OrderId = lasting });
            await Eventually.HoldsAsync("the commits", async () => await database.CountAsync("kum.outbox") == 2);
        }

        await database.ExecuteAsync($"UPDATE kum.outbox SET expires_at = now() - interval '1 second' WHERE initiator_id = '{expired}'");
        await using var second = await OrderHost.StartAsync(settings);

        await Eventually.HoldsAsync("an empty outbox", async () => await database.CountAsync("kum.outbox") == 0);
        await Eventually.HoldsAsync("the lasting one", () => Task.FromResult(arrivals.ShippedFor(lasting) == 1));
        Assert.Equal(0, arrivals.ShippedFor(expired));
    }
}

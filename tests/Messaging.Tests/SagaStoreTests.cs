using KongUpgradeMesh.Messaging.Tests.Orders;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Messaging.Tests;

public sealed class SagaStoreTests(Servers servers)
{
    [Fact]
    public async Task Lists_the_latest_first_and_by_state()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using var host = await OrderHost.StartAsync(new OrderHostSettings(database.ConnectionString, new OrderQueues("store"), new Arrivals()));
        var orders = new List<Guid>();
        for (var i = 1; i <= 3; i++)
        {
            orders.Add(Guid.NewGuid());
            await host.SendAsync(new OpenOrder { OrderId = orders[^1] });
            await Eventually.HoldsAsync("the order", async () => await host.Orders.FindAsync(orders[^1], default) is not null);
        }

        var latest = await host.Orders.ListAsync(null, 2, TestContext.Current.CancellationToken);
        Assert.Equal([orders[2], orders[1]], latest.Select(row => row.Saga.CorrelationId));
        Assert.Equal(3, (await host.Orders.ListAsync(["Opened", "Closed"], 10, TestContext.Current.CancellationToken)).Count);
        Assert.Empty(await host.Orders.ListAsync(["Closed"], 10, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Keeps_enumerations_as_text_and_survives_text_that_jsonb_refuses()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using var host = await OrderHost.StartAsync(new OrderHostSettings(database.ConnectionString, new OrderQueues("store"), new Arrivals()));
        var order = Guid.NewGuid();
        await host.SendAsync(new OpenOrder { OrderId = order });

        var row = await Eventually.ReachesAsync("the order", () => host.Orders.FindAsync(order, default), found => found is not null);

        Assert.Equal("Hurried", await database.ReadAsync<string>("SELECT body->>'mood' FROM kum.saga"));
        Assert.Equal((Mood.Hurried, "cut\uFFFDoff", "Opened", 1, 1), (row!.Saga.Mood, row.Saga.Note, row.CurrentState, row.Version, row.Saga.Version));
    }
}

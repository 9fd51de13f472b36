using KongUpgradeMesh.Messaging.Tests.Orders;
using KongUpgradeMesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace KongUpgradeMesh.Messaging.Tests;

public sealed class InboxCleanerTests(Servers servers)
{
    [Fact]
    public async Task Forgets_handled_messages_after_the_retention_and_not_before()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var settings = new OrderHostSettings(database.ConnectionString, new OrderQueues("clean"), new Arrivals()) { Clock = clock };
        await using var host = await OrderHost.StartAsync(settings);
        var order = Guid.NewGuid();
        await host.SendAsync(new OpenOrder { OrderId = order });
        await Eventually.HoldsAsync("the inbox row", async () => await database.CountAsync("kum.inbox") == 1);

        clock.Advance(TimeSpan.FromDays(6));
        await host.SendAsync(new TouchOrder { OrderId = order });
        await Eventually.HoldsAsync("the second inbox row", async () => await database.CountAsync("kum.inbox") == 2);

        clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(11));
        await Eventually.HoldsAsync("one row left", async () =>
        {
            // A round that was under way when the clock was moved waits for the next one.
            clock.Advance(TimeSpan.FromSeconds(10));
            return await database.CountAsync("kum.inbox") == 1;
        });
        Assert.True(await database.ReadAsync<DateTime>("SELECT received_at FROM kum.inbox") > clock.GetUtcNow().UtcDateTime.AddDays(-2));
    }
}

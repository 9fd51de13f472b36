using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Messaging.Sagas;
using KongUpgradeMesh.Messaging.Tests.Orders;
using KongUpgradeMesh.TestKit;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace KongUpgradeMesh.Messaging.Tests;

/// <summary>What must hold on every transport; one subclass per transport.</summary>
public abstract class OutboxConformance(Servers servers)
{
    private readonly Arrivals _arrivals = new();
    private readonly OrderQueues _queues = new("t" + Guid.NewGuid().ToString("N")[..8]);
    private readonly Guid _order = Guid.NewGuid();

    protected Servers Servers => servers;

    protected abstract RabbitMqServer? RabbitMq { get; }

    [Fact]
    public async Task Keeps_a_timer_and_fires_it_once_when_it_is_due()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await OrderHost.StartAsync(Settings(database) with { Clock = clock });

        await host.SendAsync(new OpenOrder { OrderId = _order, RemindAfter = TimeSpan.FromHours(2) });
        await ShippedAsync(1);
        Assert.Equal(1, await database.CountAsync("kum.outbox WHERE due_at > now() + interval '119 minutes'"));
        Assert.Equal(0, (await OrderAsync(host)).Saga.Reminders);

        clock.Advance(TimeSpan.FromHours(2) + TimeSpan.FromMinutes(1));
        await Eventually.HoldsAsync("the reminder", async () =>
        {
            // A look that was under way when the clock was moved waits for the next one.
            clock.Advance(TimeSpan.FromSeconds(1));
            return (await OrderAsync(host)).Saga.Reminders == 1;
        });
        await EmptyAsync(database);
        clock.Advance(TimeSpan.FromHours(2));
        await BarrierAsync(host);
        Assert.Equal(1, (await OrderAsync(host)).Saga.Reminders);
    }

    [Fact]
    public async Task Fires_a_short_timer_by_the_real_clock()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using var host = await OrderHost.StartAsync(Settings(database));

        await host.SendAsync(new OpenOrder { OrderId = _order, RemindAfter = TimeSpan.FromMilliseconds(300) });

        await Eventually.HoldsAsync("the reminder", async () => await host.Orders.FindAsync(_order, default) is { Saga.Reminders: 1 });
    }

    [Fact]
    public async Task Removes_an_unscheduled_timer_in_the_transaction_of_the_message()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using var host = await OrderHost.StartAsync(Settings(database));
        await host.SendAsync(new OpenOrder { OrderId = _order, RemindAfter = TimeSpan.FromHours(2) });
        await ShippedAsync(1);
        Assert.Equal(1, await database.CountAsync("kum.outbox WHERE scheduling_token IS NOT NULL"));

        await host.SendAsync(new CalmOrder { OrderId = _order });

        await Eventually.HoldsAsync("no token in the saga", async () => (await OrderAsync(host)).Saga.ReminderToken is null);
        Assert.Equal(0, await database.CountAsync("kum.outbox WHERE scheduling_token IS NOT NULL"));
    }

    [Fact]
    public async Task Handles_five_copies_of_a_message_once()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using var host = await OrderHost.StartAsync(Settings(database));
        await host.SendAsync(new OpenOrder { OrderId = _order });
        await ShippedAsync(1);

        var messageId = NewId.NextGuid();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => host.SendAsync(new TouchOrder { OrderId = _order }, messageId)));

        await Eventually.HoldsAsync("one of them", async () => (await OrderAsync(host)).Saga.Touches >= 2);
        await BarrierAsync(host);
        Assert.Equal(2, (await OrderAsync(host)).Saga.Touches);
        Assert.Equal(1, await database.CountAsync($"kum.inbox WHERE message_id = '{messageId}'"));
    }

    [Fact]
    public async Task Rolls_back_a_failed_attempt_and_sends_one_command_after_the_retry()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using var host = await OrderHost.StartAsync(Settings(database));

        await host.SendAsync(new OpenOrder { OrderId = _order, FailOnFirstAttempt = true });
        await ShippedAsync(1);
        await BarrierAsync(host);

        Assert.Equal(1, _arrivals.ShippedFor(_order));
        Assert.Equal(1, await database.CountAsync("kum.own_row"));
        Assert.Equal(1, (await OrderAsync(host)).Version);
    }

    [Fact]
    public async Task Counts_fifty_concurrent_events_as_fifty()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using var host = await OrderHost.StartAsync(Settings(database));
        await host.SendAsync(new OpenOrder { OrderId = _order });
        await ShippedAsync(1);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => host.SendAsync(new TouchOrder { OrderId = _order })));

        await Eventually.ReachesAsync("touches", async () => (await OrderAsync(host)).Saga.Touches, touches => touches == 51);
        await Eventually.ReachesAsync("events", () => Task.FromResult(_arrivals.Events.Count), count => count == 50);
        Assert.Equal(51, (await OrderAsync(host)).Version);
    }

    [Fact]
    public async Task Makes_one_row_of_ten_concurrent_first_messages()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using var host = await OrderHost.StartAsync(Settings(database));

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.SendAsync(new OpenOrder { OrderId = _order })));

        await Eventually.ReachesAsync("openings", async () => (await host.Orders.FindAsync(_order, default))?.Saga.Touches, touches => touches == 10);
        await ShippedAsync(1);
        await BarrierAsync(host);
        Assert.Equal(1, _arrivals.ShippedFor(_order));
        Assert.Equal(1, await database.CountAsync("kum.saga"));
    }

    [Fact]
    public async Task A_new_host_delivers_what_a_stopped_one_had_committed()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using (var first = await OrderHost.StartAsync(Settings(database) with { Dispatches = false }))
        {
            await first.SendAsync(new OpenOrder { OrderId = _order, RemindAfter = TimeSpan.FromMilliseconds(10) });
            await Eventually.HoldsAsync("the commit", async () => await first.Orders.FindAsync(_order, default) is not null);
        }

        Assert.Equal(0, _arrivals.ShippedFor(_order));
        Assert.Equal(2, await database.CountAsync("kum.outbox"));
        await using var second = await OrderHost.StartAsync(Settings(database));
        await ShippedAsync(1);
        await Eventually.HoldsAsync("the reminder", async () => (await OrderAsync(second)).Saga.Reminders == 1);
        await EmptyAsync(database);
    }

    [Fact]
    public async Task Commits_own_rows_with_the_saga_or_not_at_all()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using var host = await OrderHost.StartAsync(Settings(database));
        await host.SendAsync(new OpenOrder { OrderId = _order });
        await ShippedAsync(1);
        Assert.Equal(1, await database.CountAsync($"kum.own_row WHERE order_id = '{_order}'"));

        // The saga row is written last, so its refusal must take the own row along.
        var refused = Guid.NewGuid();
        await database.ExecuteAsync($"ALTER TABLE kum.saga ADD CONSTRAINT refuse CHECK (correlation_id <> '{refused}')");
        await host.SendAsync(new OpenOrder { OrderId = refused });

        await Eventually.HoldsAsync("the fault after the last retry", () => Task.FromResult(_arrivals.Faults.Contains(refused)));
        Assert.Equal(0, await database.CountAsync($"kum.own_row WHERE order_id = '{refused}'"));
        Assert.Equal(1, await database.CountAsync("kum.inbox"));
        Assert.Equal(0, _arrivals.ShippedFor(refused));
    }

    [Fact]
    public async Task Answers_request_clients_through_the_outbox()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using var host = await OrderHost.StartAsync(Settings(database));
        await host.SendAsync(new OpenOrder { OrderId = _order });
        await ShippedAsync(1);

        Assert.Equal(1, (await AskAsync(host)).Touches);
    }

    [Fact]
    public async Task Reaches_subscribers_of_an_interface_of_the_published_event()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using var host = await OrderHost.StartAsync(Settings(database));
        await host.SendAsync(new OpenOrder { OrderId = _order });
        await ShippedAsync(1);

        await host.SendAsync(new TouchOrder { OrderId = _order });

        await Eventually.HoldsAsync("the event", () => Task.FromResult(_arrivals.Events.Any(e => e.OrderId == _order)));
    }

    [Fact]
    public async Task Parks_a_poison_row_with_its_error_and_delivers_the_rest()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using (var first = await OrderHost.StartAsync(Settings(database) with { Dispatches = false }))
        {
            await first.SendAsync(new OpenOrder { OrderId = _order });
            await first.SendAsync(new OpenOrder { OrderId = Guid.NewGuid() });
            await Eventually.HoldsAsync("two commits", async () => await database.CountAsync("kum.outbox") == 2);
            await database.ExecuteAsync("UPDATE kum.outbox SET body = 'not json' WHERE outbox_id = (SELECT min(outbox_id) FROM kum.outbox)");
        }

        await using var second = await OrderHost.StartAsync(Settings(database) with { Configure = static options => options.MaximumAttempts = 3 });
        await Eventually.HoldsAsync("the good row", () => Task.FromResult(_arrivals.Shipped.Count == 1));
        await Eventually.HoldsAsync("the parked row", async () => await database.CountAsync("kum.outbox WHERE parked_at IS NOT NULL") == 1);
        Assert.Equal(3, await database.ReadAsync<int>("SELECT attempts FROM kum.outbox"));
        Assert.NotEmpty(await database.ReadAsync<string>("SELECT last_error FROM kum.outbox"));
        Assert.Equal(Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Degraded, (await second.HealthAsync()).Status);
    }

    [Fact]
    public async Task Two_dispatchers_at_once_deliver_each_row_once()
    {
        const int Rows = 200;
        var database = await OrderDatabase.CreateAsync(servers);
        await using (var first = await OrderHost.StartAsync(Settings(database) with { Dispatches = false }))
        {
            await Task.WhenAll(Enumerable.Range(0, Rows).Select(_ => first.SendAsync(new OpenOrder { OrderId = Guid.NewGuid() })));
            await Eventually.HoldsAsync("the commits", async () => await database.CountAsync("kum.outbox") == Rows);
        }

        // Small batches make them meet at the same destination again and again.
        var settings = Settings(database) with { Configure = options => options.BatchSize = 5 };
        var hosts = new[] { OrderHost.Build(settings), OrderHost.Build(settings) };
        await Task.WhenAll(hosts.Select(host => host.StartAsync()));
        await EmptyAsync(database);
        await Eventually.ReachesAsync("arrivals", () => Task.FromResult(_arrivals.Shipped.Count), count => count >= Rows);
        await Task.WhenAll(hosts.Select(host => host.DisposeAsync().AsTask()));

        Assert.Equal(Rows, _arrivals.Shipped.Count);
        Assert.Equal(Rows, _arrivals.Shipped.Select(message => message.OrderId).Distinct().Count());
    }

    [Fact]
    public async Task Delivers_the_messages_of_one_saga_in_the_order_of_insertion()
    {
        const int Touches = 60;
        var database = await OrderDatabase.CreateAsync(servers);
        await using (var first = await OrderHost.StartAsync(Settings(database) with { Dispatches = false }))
        {
            await first.SendAsync(new OpenOrder { OrderId = _order });
            await Eventually.HoldsAsync("the commit", async () => await first.Orders.FindAsync(_order, default) is not null);
            await Task.WhenAll(Enumerable.Range(0, Touches).Select(_ => first.SendAsync(new TouchOrder { OrderId = _order })));
            await Eventually.HoldsAsync("the commits", async () => await database.CountAsync("kum.outbox") == Touches + 1);
            Assert.Equal(Touches + 1, await database.CountAsync($"kum.outbox WHERE initiator_id = '{_order}'"));
        }

        // One at a time into the consumer, or its own concurrency would mix up the order.
        await using var second = await OrderHost.StartAsync(Settings(database) with { Serial = true });
        await Eventually.ReachesAsync("arrivals", () => Task.FromResult(_arrivals.Events.Count), count => count == Touches);
        Assert.Equal(Enumerable.Range(2, Touches), _arrivals.Events.Select(e => e.Number));
    }

    [Fact]
    public async Task Removes_the_row_of_a_finished_saga()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        await using var host = await OrderHost.StartAsync(Settings(database));
        await host.SendAsync(new OpenOrder { OrderId = _order });
        await ShippedAsync(1);

        await host.SendAsync(new CloseOrder { OrderId = _order });

        await Eventually.HoldsAsync("no row", async () => await database.CountAsync("kum.saga") == 0);
        Assert.Null(await host.Orders.FindAsync(_order, TestContext.Current.CancellationToken));
    }

    private protected OrderHostSettings Settings(OrderDatabase database) => new(database.ConnectionString, _queues, _arrivals) { RabbitMq = RabbitMq };

    private protected Task ShippedAsync(int count) =>
        Eventually.ReachesAsync("shipped commands", () => Task.FromResult(_arrivals.ShippedFor(_order)), shipped => shipped >= count);

    // What has arrived is removed a moment later.
    private static Task EmptyAsync(OrderDatabase database) => Eventually.HoldsAsync("an empty outbox", async () => await database.CountAsync("kum.outbox") == 0);

    private protected Arrivals Arrivals => _arrivals;
    private protected Guid Order => _order;

    private protected async Task<SagaRow<OrderState>> OrderAsync(OrderHost host) =>
        await host.Orders.FindAsync(_order, TestContext.Current.CancellationToken) ?? throw new InvalidOperationException("the order is gone");

    private protected async Task<OrderAnswer> AskAsync(OrderHost host)
    {
        var client = host.Services.CreateScope().ServiceProvider.GetRequiredService<IRequestClient<AskOrder>>();
        return (await client.GetResponse<OrderAnswer>(new AskOrder { OrderId = _order }, TestContext.Current.CancellationToken, RequestTimeout.After(m: 2))).Message;
    }

    /// <summary>When a question has been answered, what was sent before it has been taken in too, and the lock on the saga is free.</summary>
    private protected async Task BarrierAsync(OrderHost host)
    {
        await AskAsync(host);
        await AskAsync(host);
    }
}

using System.Collections.Concurrent;

namespace KongUpgradeMesh.Messaging.Tests.Orders;

/// <summary>What the receiving side has seen; outlives the hosts of a test.</summary>
public sealed class Arrivals
{
    private readonly ConcurrentQueue<ShipOrder> _shipped = new();
    private readonly ConcurrentQueue<IOrderEvent> _events = new();

    public IReadOnlyList<ShipOrder> Shipped => [.. _shipped];

    public IReadOnlyList<IOrderEvent> Events => [.. _events];

    public void Add(ShipOrder message) => _shipped.Enqueue(message);

    public void Add(IOrderEvent message) => _events.Enqueue(message);

    public int ShippedFor(Guid orderId) => _shipped.Count(message => message.OrderId == orderId);
}

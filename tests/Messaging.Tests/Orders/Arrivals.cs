using System.Collections.Concurrent;

namespace KongUpgradeMesh.Messaging.Tests.Orders;

/// <summary>What the receiving side has seen; outlives the hosts of a test.</summary>
public sealed class Arrivals
{
    private readonly ConcurrentQueue<ShipOrder> _shipped = new();
    private readonly ConcurrentQueue<IOrderEvent> _events = new();

    private readonly ConcurrentQueue<Guid> _faults = new();

    public IReadOnlyList<ShipOrder> Shipped => [.. _shipped];

    public IReadOnlyList<IOrderEvent> Events => [.. _events];

    /// <summary>Orders whose opening failed for good.</summary>
    public IReadOnlyList<Guid> Faults => [.. _faults];

    public void Fault(Guid orderId) => _faults.Enqueue(orderId);

    public void Add(ShipOrder message) => _shipped.Enqueue(message);

    public void Add(IOrderEvent message) => _events.Enqueue(message);

    public int ShippedFor(Guid orderId) => _shipped.Count(message => message.OrderId == orderId);
}

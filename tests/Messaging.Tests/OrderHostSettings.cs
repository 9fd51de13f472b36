using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Messaging.Tests.Orders;

namespace KongUpgradeMesh.Messaging.Tests;

internal sealed record OrderHostSettings(string ConnectionString, OrderQueues Queues, Arrivals Arrivals)
{
    /// <summary>Null: the in-memory transport.</summary>
    public RabbitMqServer? RabbitMq { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public bool Dispatches { get; init; } = true;

    public bool HandlesOrders { get; init; } = true;

    public bool Receives { get; init; } = true;

    /// <summary>The receivers take one message at a time.</summary>
    public bool Serial { get; init; }

    public Action<MessagingOptions>? Configure { get; init; }
}

using MassTransit;

namespace KongUpgradeMesh.Messaging.Tests.Orders;

/// <summary>Subscribes to the interface, not to the published class.</summary>
public sealed class EventConsumer(Arrivals arrivals) : IConsumer<IOrderEvent>
{
    public Task Consume(ConsumeContext<IOrderEvent> context)
    {
        arrivals.Add(context.Message);
        return Task.CompletedTask;
    }
}

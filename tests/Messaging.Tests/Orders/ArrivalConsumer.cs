using MassTransit;

namespace KongUpgradeMesh.Messaging.Tests.Orders;

/// <summary>An agent's side: has no outbox and only notes what arrives.</summary>
public sealed class ArrivalConsumer(Arrivals arrivals) : IConsumer<ShipOrder>
{
    public Task Consume(ConsumeContext<ShipOrder> context)
    {
        arrivals.Add(context.Message);
        return Task.CompletedTask;
    }
}

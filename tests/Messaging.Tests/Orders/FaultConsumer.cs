using MassTransit;

namespace KongUpgradeMesh.Messaging.Tests.Orders;

/// <summary>Notes openings that failed after the last retry.</summary>
public sealed class FaultConsumer(Arrivals arrivals) : IConsumer<Fault<OpenOrder>>
{
    public Task Consume(ConsumeContext<Fault<OpenOrder>> context)
    {
        arrivals.Fault(context.Message.Message.OrderId);
        return Task.CompletedTask;
    }
}

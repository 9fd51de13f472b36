using MassTransit;
using MassTransit.Context;
using MassTransit.Scheduling;

namespace KongUpgradeMesh.Messaging.Scheduling;

/// <summary>Offers the scheduler to every consumed message; the outbox re-wraps it with its own context.</summary>
internal sealed class PostgresMessageSchedulerFilter : IFilter<ConsumeContext>
{
    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        context.GetOrAddPayload<MessageSchedulerContext>(() => new ConsumeMessageSchedulerContext(context, Scheduler));
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("postgresMessageScheduler");

    private static MessageScheduler Scheduler(ConsumeContext context) =>
        new(new PostgresScheduleMessageProvider(context), context.GetPayload<IBusTopology>());
}

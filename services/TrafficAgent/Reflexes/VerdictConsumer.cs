using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using MassTransit;

namespace KongUpgradeMesh.TrafficAgent.Reflexes;

/// <summary>Hears verdicts, and which watches the coordinator has ended.</summary>
internal sealed class VerdictConsumer(TrafficReflex reflex) : IConsumer<VerdictReached>, IConsumer<StepsRevoked>
{
    public Task Consume(ConsumeContext<VerdictReached> context) => reflex.HearAsync(context.Message, context.CancellationToken);

    public Task Consume(ConsumeContext<StepsRevoked> context)
    {
        reflex.Hear(context.Message);
        return Task.CompletedTask;
    }
}

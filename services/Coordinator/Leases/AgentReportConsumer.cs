using KongUpgradeMesh.Contracts.Steps;
using MassTransit;

namespace KongUpgradeMesh.Coordinator.Leases;

/// <summary>Hears agents' beats and progress.</summary>
internal sealed class AgentReportConsumer(LeaseStore leases) : IConsumer<AgentBeat>, IConsumer<StepProgressed>
{
    public Task Consume(ConsumeContext<AgentBeat> context) => leases.BeatAsync(context.Message, context.CancellationToken);

    public Task Consume(ConsumeContext<StepProgressed> context) => leases.ProgressAsync(context.Message, context.CancellationToken);
}

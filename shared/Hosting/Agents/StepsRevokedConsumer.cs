using KongUpgradeMesh.Contracts.Steps;
using MassTransit;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>Hears the coordinator's broadcasts, so that an agent that lost a step to another one stops working on it.</summary>
internal sealed class StepsRevokedConsumer(StepRunnerCatalog runners) : IConsumer<StepsRevoked>
{
    public Task Consume(ConsumeContext<StepsRevoked> context)
    {
        foreach (var runner in runners.All)
        {
            runner.Revoke(context.Message);
        }

        return Task.CompletedTask;
    }
}

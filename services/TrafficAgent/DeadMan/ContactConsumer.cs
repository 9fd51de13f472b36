using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using MassTransit;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.DeadMan;

/// <summary>Hears the beats of coordinators, and of the monitor agents beside this agent.</summary>
internal sealed class ContactConsumer(Contacts contacts, IOptions<AgentOptions> options) : IConsumer<CoordinatorBeat>, IConsumer<AgentBeat>
{
    public Task Consume(ConsumeContext<CoordinatorBeat> context)
    {
        contacts.HearCoordinator();
        return Task.CompletedTask;
    }

    public Task Consume(ConsumeContext<AgentBeat> context)
    {
        if (context.Message.Kind == AgentKind.Monitor && context.Message.Datacenter == options.Value.Datacenter)
        {
            contacts.HearMonitor(context.Message.Running.Select(static step => step.UpgradeId));
        }

        return Task.CompletedTask;
    }
}

using KongUpgradeMesh.Contracts.Steps;
using MassTransit;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>Takes a command from the agent's queue, hands it to the runner and is done within seconds.</summary>
/// <remarks>RabbitMQ closes a channel whose delivery stays unacknowledged for 30 minutes, and a dump can take hours.</remarks>
internal sealed class StepConsumer<TCommand>(StepRunnerCatalog runners) : IConsumer<TCommand>
    where TCommand : class, IStepCommand
{
    public Task Consume(ConsumeContext<TCommand> context) =>
        runners.For(typeof(TCommand)).AcceptAsync(context.Message, context.CancellationToken);
}

using KongUpgradeMesh.Contracts.Steps;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>One kind of step an agent can do: how its handler is made and run.</summary>
internal sealed record StepRegistration(Type Command, Type Consumer, Action<IServiceCollection> AddHandler, StepRegistration.Run RunAsync)
{
    internal delegate Task<IStepEvent> Run(IServiceProvider services, IStepCommand command, string agent, IStepPublisher publisher, CancellationToken cancellationToken);

    public static StepRegistration Of<TCommand, THandler>()
        where TCommand : class, IStepCommand
        where THandler : class, IStepHandler<TCommand> => new(
            typeof(TCommand),
            typeof(StepConsumer<TCommand>),
            static services => services.AddScoped<IStepHandler<TCommand>, THandler>(),
            static (services, command, agent, publisher, cancellationToken) => services.GetRequiredService<IStepHandler<TCommand>>()
                .RunAsync(new StepContext<TCommand>((TCommand)command, agent, publisher), cancellationToken));
}

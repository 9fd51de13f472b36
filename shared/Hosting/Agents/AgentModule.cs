using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Bus;
using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>Base of the four agents: a queue for its kind and datacenter, the runner behind it, beats.</summary>
public abstract class AgentModule : IMeshModule
{
    private readonly Dictionary<Type, StepRegistration> _steps = [];
    private readonly HashSet<Type> _listeners = [];
    private string _datacenter = "";

    /// <inheritdoc/>
    public abstract string ServiceName { get; }

    /// <summary>What the agent does.</summary>
    protected abstract AgentKind Kind { get; }

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        AddSteps();
        var section = configuration.GetSection(AgentOptions.Section);
        services.AddOptions<AgentOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        _datacenter = section[nameof(AgentOptions.Datacenter)] ?? "";
        foreach (var step in _steps.Values)
        {
            step.AddHandler(services);
        }

        services.TryAddSingleton<IStepPublisher, StepPublisher>();
        services.TryAddSingleton<StepRunnerCatalog>();
        services.AddSingleton(CreateRunner);
        if (services.All(static s => s.ImplementationType != typeof(AgentBeatService)))
        {
            services.AddHostedService<AgentBeatService>();
        }

        AddAgentServices(services, configuration);
    }

    /// <inheritdoc/>
    public void AddConsumers(IBusRegistrationConfigurator bus)
    {
        foreach (var step in _steps.Values)
        {
            bus.AddConsumer(step.Consumer);
        }

        bus.AddConsumer<StepsRevokedConsumer>();
        foreach (var listener in _listeners)
        {
            bus.AddConsumer(listener);
        }
    }

    /// <inheritdoc/>
    public void ConfigureEndpoints(IBusRegistrationContext context, IBusFactoryConfigurator bus)
    {
        var queue = AgentQueues.For(Kind, _datacenter);
        bus.MeshQueue(queue, endpoint =>
        {
            // Commands are sent to this queue by name; publishing one must not reach the agents of every datacenter.
            endpoint.ConfigureConsumeTopology = false;
            endpoint.PrefetchCount = 16;
            endpoint.UseMessageRetry(static retry => retry.Intervals(200, 1000, 3000));
            foreach (var step in _steps.Values)
            {
                endpoint.ConfigureConsumer(context, step.Consumer);
            }
        });
        bus.MeshInstanceQueue($"{queue}.{Guid.NewGuid():N}", endpoint => endpoint.ConfigureConsumer<StepsRevokedConsumer>(context));
        if (_listeners.Count > 0)
        {
            // A queue of its own: what an agent hears besides its work must wait neither for commands nor for their revocation.
            bus.MeshInstanceQueue($"{queue}.heard.{Guid.NewGuid():N}", endpoint =>
            {
                foreach (var listener in _listeners)
                {
                    endpoint.ConfigureConsumer(context, listener);
                }
            });
        }
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        // Agents pull their work and offer nothing but health, which the host maps.
    }

    /// <summary>Names the steps the agent can do, by <see cref="Handle{TCommand, THandler}"/>, and what else it hears, by <see cref="Hear{TListener}"/>.</summary>
    protected abstract void AddSteps();

    /// <summary>Registers what the agent's handlers need.</summary>
    protected abstract void AddAgentServices(IServiceCollection services, IConfiguration configuration);

    /// <summary>Declares that <typeparamref name="THandler"/> does the steps asked for by <typeparamref name="TCommand"/>.</summary>
    protected void Handle<TCommand, THandler>()
        where TCommand : class, IStepCommand
        where THandler : class, IStepHandler<TCommand> =>
        _steps[typeof(TCommand)] = StepRegistration.Of<TCommand, THandler>();

    /// <summary>Declares that <typeparamref name="TListener"/> hears what is published to everybody; every process of the agent hears it, and nothing is kept for one that is down.</summary>
    protected void Hear<TListener>()
        where TListener : class, IConsumer => _listeners.Add(typeof(TListener));

    private StepRunner CreateRunner(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<AgentOptions>>().Value;
        return new StepRunner(
            Kind,
            options,
            _steps,
            services.GetRequiredService<IServiceScopeFactory>(),
            new FileStepMarks(Path.Combine(options.StateDirectory, $"{Kind.ToString().ToLowerInvariant()}-{options.Name}", "marks")),
            services.GetRequiredService<IStepPublisher>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<StepRunner>>());
    }
}

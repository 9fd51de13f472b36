using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.Hosting;

/// <summary>One service of the mesh as a unit that can run alone in a process or together with others on one bus.</summary>
public interface IMeshModule
{
    /// <summary>Name of the service in telemetry and health answers, for example <c>kum-backup-agent</c>.</summary>
    string ServiceName { get; }

    /// <summary>Registers the module's services and options.</summary>
    void AddServices(IServiceCollection services, IConfiguration configuration);

    /// <summary>Registers its consumers and sagas with MassTransit.</summary>
    void AddConsumers(IBusRegistrationConfigurator bus);

    /// <summary>Declares its receive endpoints; the same code serves RabbitMQ and the in-memory transport.</summary>
    void ConfigureEndpoints(IBusRegistrationContext context, IBusFactoryConfigurator bus);

    /// <summary>Maps its HTTP endpoints beside the health checks; agents have none.</summary>
    void MapEndpoints(IEndpointRouteBuilder endpoints);
}

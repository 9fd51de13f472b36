using KongUpgradeMesh.Hosting.Bus;
using KongUpgradeMesh.Hosting.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace KongUpgradeMesh.Hosting;

/// <summary>Builds the host of one or several modules: configuration, bus, telemetry and health, the same for every service.</summary>
public static class MeshApplication
{
    /// <summary>Builds the application; nothing is started and nothing outside is contacted.</summary>
    /// <param name="args">Command line, read as configuration: <c>--Agent:Datacenter eu1</c>.</param>
    /// <param name="modules">The services that run in this process, on one bus.</param>
    /// <param name="configure">Last word on the builder, for tests and the demo; null for none.</param>
    /// <param name="settings">Configuration that wins over file, environment and command line; null for none.</param>
    public static WebApplication Build(
        string[] args,
        IReadOnlyCollection<IMeshModule> modules,
        Action<WebApplicationBuilder>? configure = null,
        IReadOnlyDictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Configuration.AddEnvironmentVariables("KUM_");
        builder.Configuration.AddCommandLine(args);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.Configure<HostOptions>(static options =>
        {
            // A broker that is away must not hold a stopping service: what is unsent is in the outbox or will be asked again.
            options.ShutdownTimeout = TimeSpan.FromSeconds(8);
            options.ServicesStartConcurrently = true;
        });
        builder.Services.AddHealthChecks();
        foreach (var module in modules)
        {
            module.AddServices(builder.Services, builder.Configuration);
        }

        builder.Services.AddMeshBus(builder.Configuration, modules);
        builder.AddMeshTelemetry(string.Join('+', modules.Select(m => m.ServiceName)));
        configure?.Invoke(builder);

        var app = builder.Build();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = static _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            ResponseWriter = HealthReportWriter.WriteAsync,

            // MassTransit calls a bus without a broker degraded; a service that can neither hear nor speak is not ready.
            ResultStatusCodes =
            {
                [HealthStatus.Healthy] = StatusCodes.Status200OK,
                [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable,
                [HealthStatus.Unhealthy] = StatusCodes.Status503ServiceUnavailable,
            },
        });
        foreach (var module in modules)
        {
            module.MapEndpoints(app);
        }

        return app;
    }
}

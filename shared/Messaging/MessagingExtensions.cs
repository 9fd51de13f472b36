using System.Reflection;
using KongUpgradeMesh.Messaging.Outbox;
using KongUpgradeMesh.Messaging.Sagas;
using KongUpgradeMesh.Messaging.Schema;
using MassTransit.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.Messaging;

/// <summary>Registers the PostgreSQL side of messaging.</summary>
public static class MessagingExtensions
{
    /// <summary>Registers everything with the settings of the section <see cref="MessagingOptions.Section"/>.</summary>
    /// <param name="services">The service's registrations.</param>
    /// <param name="configuration">The root of the configuration.</param>
    public static IServiceCollection AddPostgresMessaging(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<MessagingOptions>().Bind(configuration.GetSection(MessagingOptions.Section)).ValidateOnStart();
        return services.AddMessagingServices();
    }

    /// <summary>Registers everything with settings made in code.</summary>
    /// <param name="services">The service's registrations.</param>
    /// <param name="configure">Sets at least <see cref="MessagingOptions.ConnectionString"/>.</param>
    public static IServiceCollection AddPostgresMessaging(this IServiceCollection services, Action<MessagingOptions> configure)
    {
        services.AddOptions<MessagingOptions>().Configure(configure).ValidateOnStart();
        return services.AddMessagingServices();
    }

    /// <summary>
    /// Adds numbered SQL scripts (<c>0001-name.sql</c>, embedded) that run once, after those of messaging and of earlier calls,
    /// before anything else touches the database. <c>$schema$</c> in them stands for <see cref="MessagingOptions.Schema"/>.
    /// </summary>
    /// <param name="services">The service's registrations.</param>
    /// <param name="assembly">The assembly that embeds them.</param>
    /// <param name="prefix">Start of their resource names, for example <c>KongUpgradeMesh.Coordinator.Schema.</c>.</param>
    public static IServiceCollection AddSchemaScripts(this IServiceCollection services, Assembly assembly, string prefix) =>
        services.AddSingleton(new SchemaScripts(assembly, prefix));

    private static IServiceCollection AddMessagingServices(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MessagingOptions>, MessagingOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<MessagingDataSource>();
        services.TryAddSingleton<MessagingMetrics>();
        services.Insert(0, ServiceDescriptor.Singleton(new SchemaScripts(typeof(MessagingExtensions).Assembly, "KongUpgradeMesh.Messaging.Schema.")));
        services.TryAddSingleton<SchemaMigrator>();
        services.TryAddSingleton<ISchemaMigrator>(provider => provider.GetRequiredService<SchemaMigrator>());
        services.TryAddSingleton<OutboxTable>();
        services.TryAddSingleton<OutboxSignal>();
        services.TryAddSingleton<OutboxSender>();
        services.TryAddSingleton<InboxTable>();
        services.TryAddSingleton(typeof(ISagaStore<>), typeof(SagaStore<>));
        services.TryAddScoped<IOutboxContextFactory<MessagingDataSource>, PostgresOutboxContextFactory>();

        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<SchemaMigrator>());
        services.AddHostedService<OutboxListener>();
        services.AddHostedService<OutboxDispatcher>();
        services.AddHostedService<InboxCleaner>();
        services.AddHealthChecks().AddCheck<MessagingHealthCheck>("messaging", tags: ["ready"]);
        return services;
    }
}

using KongUpgradeMesh.Messaging.Sagas;
using KongUpgradeMesh.Messaging.Scheduling;
using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace KongUpgradeMesh.Messaging;

/// <summary>Brings PostgreSQL into a MassTransit configuration. Each needs <see cref="MessagingExtensions.AddPostgresMessaging(IServiceCollection, Microsoft.Extensions.Configuration.IConfiguration)"/>.</summary>
public static class MessagingBusExtensions
{
    /// <summary>
    /// Keeps the saga's instances in the table <c>saga</c>: one row per instance, locked while a message of it is consumed.
    /// Its receive endpoint must have <see cref="UsePostgresOutbox"/>, and all its events must be correlated by id.
    /// </summary>
    /// <typeparam name="T">The saga's class; its name is the rows' type, so renaming it strands them.</typeparam>
    /// <param name="configurator">The saga's registration.</param>
    public static ISagaRegistrationConfigurator<T> PostgresRepository<T>(this ISagaRegistrationConfigurator<T> configurator)
        where T : class, ISaga => configurator.Repository(services =>
    {
        services.TryAddSingleton<SagaTable<T>>();
        services.RegisterLoadSagaRepository<T, PostgresSagaRepositoryContextFactory<T>>();
        services.RegisterQuerySagaRepository<T, PostgresSagaRepositoryContextFactory<T>>();
        services.RegisterSagaRepository<T, MessagingDataSource, SagaConsumeContextFactory<MessagingDataSource, T>, PostgresSagaRepositoryContextFactory<T>>();
    });

    /// <summary>
    /// Consumes each message of the endpoint in one transaction with its inbox row, saga row, outgoing messages and timers.
    /// A message that a consumer of the endpoint has handled before is acknowledged and dropped.
    /// </summary>
    /// <remarks>Call <c>UseMessageRetry</c> before it, so that each attempt has a new transaction; without a retry, lost races end in the error queue.</remarks>
    /// <param name="configurator">The receive endpoint.</param>
    /// <param name="context">The bus registration's context.</param>
    public static void UsePostgresOutbox(this IReceiveEndpointConfigurator configurator, IRegistrationContext context)
    {
        var observer = new OutboxConsumePipeSpecificationObserver<MessagingDataSource>(configurator, context);
        configurator.ConnectConsumerConfigurationObserver(observer);
        configurator.ConnectSagaConfigurationObserver(observer);
    }

    /// <summary>
    /// Makes <c>Schedule</c> and <c>Unschedule</c> of state machines durable: a timer is a row of the outbox that is not due yet,
    /// written or removed in the transaction of the message. It works on endpoints with <see cref="UsePostgresOutbox"/>.
    /// </summary>
    /// <param name="configurator">The bus.</param>
    public static void UsePostgresMessageScheduler(this IBusFactoryConfigurator configurator) =>
        configurator.AddPrePipeSpecification(new PostgresMessageSchedulerSpecification());
}

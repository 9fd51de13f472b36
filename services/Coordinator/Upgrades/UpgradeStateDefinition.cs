using KongUpgradeMesh.Messaging;
using MassTransit;
using Npgsql;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>How the saga's endpoint behaves: retry first, so that each attempt has a transaction of its own.</summary>
public sealed class UpgradeStateDefinition : SagaDefinition<UpgradeState>
{
    protected override void ConfigureSaga(IReceiveEndpointConfigurator endpointConfigurator, ISagaConfigurator<UpgradeState> sagaConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.PrefetchCount = 64;
        endpointConfigurator.ConcurrentMessageLimit = 16;
        endpointConfigurator.UseMessageRetry(static retry =>
        {
            // A database that restarts must not park anybody's upgrade: about two minutes of tries.
            retry.Handle<NpgsqlException>();
            retry.Handle<TimeoutException>();
            retry.Exponential(14, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(15), TimeSpan.FromMilliseconds(500));
        });
        endpointConfigurator.UseMessageRetry(static retry =>
        {
            retry.Handle<ConcurrencyException>();
            retry.Interval(10, TimeSpan.FromMilliseconds(100));
        });
        endpointConfigurator.UsePostgresOutbox(context);
    }
}

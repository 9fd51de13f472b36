using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>What behaviors take from the context of a message.</summary>
internal static class SagaContext
{
    /// <summary>The clock of the host.</summary>
    public static TimeProvider Clock(this PipeContext context) => context.GetPayload<IServiceProvider>().GetRequiredService<TimeProvider>();
}

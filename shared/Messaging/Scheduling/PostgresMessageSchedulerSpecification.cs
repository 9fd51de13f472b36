using MassTransit;
using MassTransit.Configuration;

namespace KongUpgradeMesh.Messaging.Scheduling;

/// <summary>Puts the scheduler's filter in front of every consumer of the bus.</summary>
internal sealed class PostgresMessageSchedulerSpecification : IPipeSpecification<ConsumeContext>
{
    public void Apply(IPipeBuilder<ConsumeContext> builder) => builder.AddFilter(new PostgresMessageSchedulerFilter());

    public IEnumerable<ValidationResult> Validate() => [];
}

using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>Publishes what a step reports.</summary>
public interface IStepPublisher
{
    /// <summary>Publishes an event that must arrive: tries again, without end, until the broker has confirmed it.</summary>
    /// <param name="stepEvent">The event.</param>
    /// <param name="cancellationToken">Ends the tries; the event is then lost.</param>
    Task PublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken);

    /// <summary>Publishes an event that may be lost; tries once, for at most two seconds, and never throws but for cancellation.</summary>
    /// <param name="stepEvent">The event.</param>
    /// <param name="cancellationToken">Cancels the try.</param>
    Task TryPublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken);
}

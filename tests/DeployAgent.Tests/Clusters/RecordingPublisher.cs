using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;

namespace KongUpgradeMesh.DeployAgent.Tests.Clusters;

/// <summary>Keeps what a step reports.</summary>
internal sealed class RecordingPublisher : IStepPublisher
{
    public ConcurrentQueue<IStepEvent> Events { get; } = new();

    public Task PublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken) => TryPublishAsync(stepEvent, cancellationToken);

    public Task TryPublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken)
    {
        Events.Enqueue(stepEvent);
        return Task.CompletedTask;
    }
}

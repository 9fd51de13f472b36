using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>A broker that can be away.</summary>
public sealed class RecordingPublisher : IStepPublisher
{
    private readonly ConcurrentQueue<IStepEvent> _events = new();

    public bool Away { get; set; }

    public IReadOnlyList<IStepEvent> Events => [.. _events];

    public IReadOnlyList<VerdictReached> Verdicts => [.. _events.OfType<VerdictReached>()];

    public async Task PublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken)
    {
        while (Away)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }

        _events.Enqueue(stepEvent);
    }

    public Task TryPublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken) => Task.CompletedTask;
}

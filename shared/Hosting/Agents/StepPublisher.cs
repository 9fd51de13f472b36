using KongUpgradeMesh.Contracts.Steps;
using MassTransit;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>Publishes step events on the bus, straight: an agent has no database, so what must arrive is sent until confirmed.</summary>
internal sealed class StepPublisher(IBus bus, TimeProvider clock, ILogger<StepPublisher> logger) : IStepPublisher
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ProgressTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    public async Task PublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken)
    {
        while (!await TrySendAsync(stepEvent, SendTimeout, cancellationToken))
        {
            await Task.Delay(RetryDelay, clock, cancellationToken);
        }
    }

    public async Task TryPublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken) =>
        await TrySendAsync(stepEvent, ProgressTimeout, cancellationToken);

    private async Task<bool> TrySendAsync(IStepEvent stepEvent, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var bounded = new CancellationTokenSource(timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, cancellationToken);
        try
        {
            await bus.Publish(stepEvent, stepEvent.GetType(), linked.Token);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.EventNotPublished(stepEvent.GetType().Name, stepEvent.Step.UpgradeId, stepEvent.Step.Name, exception);
            return false;
        }
    }
}

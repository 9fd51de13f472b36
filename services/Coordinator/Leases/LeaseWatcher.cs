using KongUpgradeMesh.Coordinator.Upgrades;
using KongUpgradeMesh.Coordinator.Upgrades.Messages;
using KongUpgradeMesh.Messaging.Schema;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.Coordinator.Leases;

/// <summary>Tells the sagas of steps whose agent has fallen silent.</summary>
internal sealed class LeaseWatcher(
    LeaseStore leases,
    ISchemaMigrator schema,
    IBus bus,
    IOptions<UpgradeOptions> options,
    TimeProvider clock,
    ILogger<LeaseWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WhenReadyAsync(stoppingToken);

        // The coordinator itself was away: agents first get the time to be heard again.
        await Task.Delay(options.Value.Lease, clock, stoppingToken);
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await ReportAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LeasesNotWatched(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ReportAsync(CancellationToken stoppingToken)
    {
        foreach (var (step, reason) in await leases.TakeLapsedAsync(options.Value.Lease, stoppingToken))
        {
            logger.LeaseLapsed(step.UpgradeId, step.Name, step.Attempt, reason);

            // Not through the outbox: if this message is lost, the lease is reported again.
            using var bounded = new CancellationTokenSource(SendTimeout, clock);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, stoppingToken);
            var saga = await bus.GetSendEndpoint(new Uri($"queue:{CoordinatorQueues.Upgrades}"));
            await saga.Send(new StepSilent { Step = step, Reason = reason }, linked.Token);
        }
    }
}

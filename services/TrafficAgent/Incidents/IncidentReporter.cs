using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.TrafficAgent.Incidents;

/// <summary>Publishes incidents, oldest first, and tries again until the broker has confirmed each.</summary>
internal sealed class IncidentReporter(IncidentBox box, IBus bus, TimeProvider clock, ILogger<IncidentReporter> logger) : BackgroundService
{
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    // The directory is looked at instead of being told: another process may have added to it.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await ReportAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logger.IncidentsNotReported(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ReportAsync(CancellationToken stoppingToken)
    {
        foreach (var (id, incident) in box.Pending())
        {
            using var bounded = new CancellationTokenSource(SendTimeout, clock);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, stoppingToken);

            // With the incident's own id: if this process dies before it has forgotten the file, the coordinator's inbox drops the second one.
            await bus.Publish(incident, context => context.MessageId = id, linked.Token);
            box.Remove(id);
            logger.IncidentReported(incident.Kind, incident.Step.UpgradeId);
        }
    }
}

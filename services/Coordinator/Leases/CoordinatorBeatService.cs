using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Messaging;
using KongUpgradeMesh.Messaging.Schema;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Coordinator.Leases;

/// <summary>Says every two seconds that this coordinator can decide. One whose database is away cannot, so it is silent: that is what traffic agents must know.</summary>
internal sealed class CoordinatorBeatService(MessagingDataSource database, ISchemaMigrator schema, IBus bus, TimeProvider clock, ILogger<CoordinatorBeatService> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly string Version = typeof(CoordinatorBeatService).Assembly.GetName().Version?.ToString(3) ?? "0";
    private readonly Guid _instance = Guid.NewGuid();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.WhenReadyAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            await BeatAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task BeatAsync(CancellationToken stoppingToken)
    {
        using var bounded = new CancellationTokenSource(Interval, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, stoppingToken);
        try
        {
            await using var probe = database.Source.CreateCommand("SELECT 1");
            await probe.ExecuteScalarAsync(linked.Token);
            // As with agents: a beat that waited for the broker would lie about when it was sent.
            await bus.Publish(
                new CoordinatorBeat { InstanceId = _instance, Version = Version, SentAt = clock.GetUtcNow() },
                static context => context.TimeToLive = Interval * 2,
                linked.Token);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            logger.CoordinatorBeatNotSent(exception);
        }
    }
}

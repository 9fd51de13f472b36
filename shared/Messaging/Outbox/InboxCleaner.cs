using KongUpgradeMesh.Messaging.Schema;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>Forgets handled messages after the retention.</summary>
internal sealed class InboxCleaner(
    InboxTable inbox, ISchemaMigrator schema, IOptions<MessagingOptions> options, TimeProvider clock, ILogger<InboxCleaner> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var settings = options.Value;
        try
        {
            await schema.WhenReadyAsync(stoppingToken);
            using var timer = new PeriodicTimer(settings.InboxCleaningInterval, clock);
            do
            {
                await CleanAsync(settings, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task CleanAsync(MessagingOptions settings, CancellationToken cancellationToken)
    {
        try
        {
            var count = await inbox.RemoveBeforeAsync(clock.GetUtcNow() - settings.InboxRetention, cancellationToken);
            if (count > 0)
            {
                Log.InboxCleaned(logger, count, settings.InboxRetention);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.InboxCleaningFailed(logger, settings.InboxCleaningInterval, exception);
        }
    }
}

using KongUpgradeMesh.Messaging.Schema;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>Passes the database's notifications of new rows on to the dispatcher. Without it, polling still finds them.</summary>
internal sealed class OutboxListener(
    MessagingDataSource dataSource, OutboxTable outbox, OutboxSignal signal, ISchemaMigrator schema, TimeProvider clock, ILogger<OutboxListener> logger) : BackgroundService
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await schema.WhenReadyAsync(stoppingToken);
            while (true)
            {
                try
                {
                    await ListenAsync(stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    Log.ListenerLost(logger, Wait, exception);
                    await Task.Delay(Wait, clock, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenAsync(cancellationToken);
        connection.Notification += (_, _) => signal.Set();
        await using (var command = new NpgsqlCommand($"LISTEN {outbox.Channel}", connection))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        // Rows that came while nobody listened.
        signal.Set();
        while (true)
        {
            await connection.WaitAsync(cancellationToken);
        }
    }
}

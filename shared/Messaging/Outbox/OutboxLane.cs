using System.Data;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>Delivers the rows of one destination, in order, so that a dead destination delays nobody else's.</summary>
internal sealed class OutboxLane(
    string destination,
    MessagingDataSource dataSource,
    OutboxTable outbox,
    OutboxSender sender,
    Broker broker,
    MessagingOptions options,
    MessagingMetrics metrics,
    TimeProvider clock,
    ILogger logger)
{
    private const int LongestError = 2_000;
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(3);
    private int _failuresInARow;

    /// <summary>No delivery before this time.</summary>
    public DateTimeOffset NotBefore { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>Delivers what is due; ends when nothing is left, the destination fails, or the host stops.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested && await DeliverBatchAsync(stoppingToken))
            {
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; what was not settled is delivered again by whoever runs next.
        }
        catch (Exception exception)
        {
            HoldBack();
            Log.LaneFailed(logger, destination, NotBefore - clock.GetUtcNow(), exception);
        }
    }

    /// <summary>Returns whether to go on.</summary>
    private async Task<bool> DeliverBatchAsync(CancellationToken stoppingToken)
    {
        var started = clock.GetTimestamp();
        var probing = broker.IsAway;
        var timeout = probing && ProbeTimeout < options.SendTimeout ? ProbeTimeout : options.SendTimeout;
        await using var connection = await dataSource.OpenAsync(stoppingToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, stoppingToken);
        var messages = await outbox.ClaimAsync(transaction, destination, clock.GetUtcNow(), probing ? 1 : options.BatchSize, stoppingToken);
        if (messages is not { Count: > 0 })
        {
            return false;
        }

        var done = new List<long>();
        var failed = new List<FailedSend>();
        var held = false;
        for (var next = 0; next < messages.Count && !held && !stoppingToken.IsCancellationRequested;)
        {
            // After a failure one row at a time: a dead destination must not use up the attempts of many.
            var sends = messages.Skip(next).Take(_failuresInARow == 0 ? options.SendsInFlight : 1).Select(message => SendAsync(message, timeout)).ToList();
            next += sends.Count;
            foreach (var outcome in await Task.WhenAll(sends))
            {
                held |= Settle(outcome, done, failed);
            }

            // Bounds how long the rows stay locked and the transaction idle.
            if (clock.GetElapsedTime(started) > options.SendTimeout)
            {
                break;
            }
        }

        // Confirmed sends are noted even while the host stops, or they would be sent again.
        await outbox.SettleAsync(transaction, done, failed, CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        return !held;
    }

    private async Task<SendOutcome> SendAsync(OutboxMessage message, TimeSpan timeout)
    {
        if (message.ExpiresAt <= clock.GetUtcNow())
        {
            Log.RowExpired(logger, message.MessageId, message.Destination);
            return new SendOutcome(message, null, Expired: true);
        }

        try
        {
            await sender.SendAsync(message, timeout);
            metrics.Delivered(clock.GetUtcNow() - (message.DueAt ?? message.CreatedAt));
            return new SendOutcome(message, null, Expired: false);
        }
        catch (Exception exception)
        {
            metrics.Failed();
            return new SendOutcome(message, exception, Expired: false);
        }
    }

    /// <summary>Notes an outcome; true when the destination is to be left alone for a while.</summary>
    private bool Settle(SendOutcome outcome, List<long> done, List<FailedSend> failed)
    {
        var (message, exception, expired) = outcome;
        if (exception is null)
        {
            done.Add(message.OutboxId);
            if (!expired)
            {
                _failuresInARow = 0;
                broker.Reached();
            }

            return false;
        }

        if (broker.IsToBlame(exception))
        {
            HoldBack();
            return true;
        }

        var attempts = message.Attempts + 1;
        var error = $"{exception.GetType().Name}: {exception.Message}";
        error = error.Length > LongestError ? error[..LongestError] : error;
        if (attempts >= options.MaximumAttempts)
        {
            failed.Add(new FailedSend(message, attempts, error, null, clock.GetUtcNow()));
            metrics.Parked();
            Log.RowParked(logger, message.MessageId, message.MessageType, message.Destination, attempts, error);
            return false;
        }

        Log.SendFailed(logger, message.MessageId, message.Destination, attempts, exception);
        if (exception is TimeoutException)
        {
            // The destination's fault: all its rows wait, in order.
            failed.Add(new FailedSend(message, attempts, error, null, null));
            HoldBack();
            return true;
        }

        // The message's fault: it alone waits, the others go on.
        failed.Add(new FailedSend(message, attempts, error, clock.GetUtcNow() + Wait(attempts), null));
        return false;
    }

    private void HoldBack()
    {
        _failuresInARow++;
        NotBefore = clock.GetUtcNow() + Wait(broker.IsAway ? 1 : _failuresInARow);
    }

    private TimeSpan Wait(int failures)
    {
        var wait = options.BackOff * Math.Pow(2, Math.Min(failures - 1, 20));
        return wait < options.MaximumBackOff ? wait : options.MaximumBackOff;
    }

    private sealed record SendOutcome(OutboxMessage Message, Exception? Exception, bool Expired);
}

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

        var round = new Round();
        var tracks = messages.GroupBy(OrderingKey);

        // After a failure one row at a time: a dead destination must not use up the attempts of many.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _failuresInARow == 0 ? options.SendsInFlight : 1 };
        await Parallel.ForEachAsync(tracks, parallel, async (track, _) =>
        {
            foreach (var message in track)
            {
                // The time bounds how long the rows stay locked and the transaction idle.
                if (round.IsHeld || stoppingToken.IsCancellationRequested || clock.GetElapsedTime(started) > options.SendTimeout)
                {
                    return;
                }

                var outcome = await SendAsync(message, timeout);
                lock (round)
                {
                    Settle(outcome, round);
                }
            }
        });

        // Confirmed sends are noted even while the host stops, or they would be sent again.
        await outbox.SettleAsync(transaction, round.Done, round.Failed, CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        return !round.IsHeld;
    }

    // Messages of one saga instance go out strictly one after the other; different instances may overtake one another.
    // MassTransit sets the initiator to the instance's id, and keeps the conversation from message to message.
    private static Guid OrderingKey(OutboxMessage message) => message.InitiatorId ?? message.ConversationId ?? message.MessageId;

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

    private void Settle(SendOutcome outcome, Round round)
    {
        var (message, exception, expired) = outcome;
        if (exception is null)
        {
            round.Done.Add(message.OutboxId);
            if (!expired)
            {
                _failuresInARow = 0;
                broker.Reached();
            }
        }
        else if (broker.IsToBlame(exception))
        {
            HoldBack();
            round.IsHeld = true;
        }
        else
        {
            round.Failed.Add(Failed(message, exception, round));
        }
    }

    private FailedSend Failed(OutboxMessage message, Exception exception, Round round)
    {
        var attempts = message.Attempts + 1;
        var error = $"{exception.GetType().Name}: {exception.Message}";
        error = error.Length > LongestError ? error[..LongestError] : error;
        if (attempts >= options.MaximumAttempts)
        {
            metrics.Parked();
            Log.RowParked(logger, message.MessageId, message.MessageType, message.Destination, attempts, error);
            return new FailedSend(message, attempts, error, null, clock.GetUtcNow());
        }

        Log.SendFailed(logger, message.MessageId, message.Destination, attempts, exception);
        if (exception is TimeoutException)
        {
            // The destination's fault: all its rows wait, in order.
            HoldBack();
            round.IsHeld = true;
            return new FailedSend(message, attempts, error, null, null);
        }

        // The message's fault: it alone waits, the others go on.
        return new FailedSend(message, attempts, error, clock.GetUtcNow() + Wait(attempts), null);
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

    /// <summary>What one claimed batch has come to so far.</summary>
    private sealed class Round
    {
        public List<long> Done { get; } = [];

        public List<FailedSend> Failed { get; } = [];

        public bool IsHeld { get; set; }
    }

    private sealed record SendOutcome(OutboxMessage Message, Exception? Exception, bool Expired);
}

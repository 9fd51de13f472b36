using KongUpgradeMesh.Messaging.Schema;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>Finds due rows and lets one lane per destination deliver them. Any number of processes may run it.</summary>
internal sealed class OutboxDispatcher(
    MessagingDataSource dataSource,
    OutboxTable outbox,
    OutboxSignal signal,
    OutboxSender sender,
    IBusControl bus,
    ISchemaMigrator schema,
    IOptions<MessagingOptions> options,
    MessagingMetrics metrics,
    TimeProvider clock,
    ILogger<OutboxDispatcher> logger) : BackgroundService
{
    // A bus that is not well by then has lost its broker, or an endpoint of it is broken: probe instead of waiting on.
    private static readonly TimeSpan LongestBusStart = TimeSpan.FromSeconds(30);

    private readonly Broker _broker = new(bus, logger);
    private readonly Dictionary<string, Lane> _lanes = [];
    private readonly Lock _lock = new();
    private int _probes;
    private bool _isCrowded;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await schema.WhenReadyAsync(stoppingToken);
            await WhenBusIsReadyAsync(stoppingToken);
            while (true)
            {
                var wait = await SweepAsync(stoppingToken);
                await signal.WaitAsync(wait, stoppingToken);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(Running());
        }
    }

    // On the in-memory transport a message sent before its queue exists is lost without a trace.
    private async Task WhenBusIsReadyAsync(CancellationToken stoppingToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!_broker.IsHealthy)
        {
            if (TimeProvider.System.GetElapsedTime(started) > LongestBusStart)
            {
                _broker.Lose(null);
                return;
            }

            // Real time on purpose: the bus starts in real time, whatever clock the timers follow.
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, stoppingToken);
        }
    }

    /// <summary>Starts lanes for what is due; returns how long nothing more will be due.</summary>
    private async Task<TimeSpan> SweepAsync(CancellationToken stoppingToken)
    {
        var longest = options.Value.PollInterval;
        try
        {
            var (destinations, nextDue) = await outbox.FindDueAsync(clock.GetUtcNow(), stoppingToken);
            Start(destinations, stoppingToken);
            var nextLane = NextHeldBackLane();
            var untilDue = (nextLane < nextDue || nextDue is null ? nextLane : nextDue) - clock.GetUtcNow();
            return untilDue < longest ? TimeSpan.FromTicks(Math.Max(0, untilDue.Value.Ticks)) : longest;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            Log.SweepFailed(logger, longest, exception);
            return longest;
        }
    }

    private void Start(IReadOnlyList<string> destinations, CancellationToken stoppingToken)
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            // While the broker is away one row at a time is enough to notice its return; they take turns.
            var probing = _broker.IsAway;
            var candidates = probing && destinations.Count > 0 ? [destinations[_probes++ % destinations.Count]] : destinations;
            Forget(destinations, now);
            foreach (var destination in candidates)
            {
                if (!_lanes.TryGetValue(destination, out var lane))
                {
                    lane = new Lane(new OutboxLane(destination, dataSource, outbox, sender, _broker, options.Value, metrics, clock, logger));
                    _lanes.Add(destination, lane);
                }

                if (lane.Task is not null)
                {
                    lane.RunAgain = true;
                }
                else if (_lanes.Values.Count(l => l.Task is not null) >= (probing ? 1 : options.Value.MaximumLanes))
                {
                    _isCrowded = true;
                }
                else if (probing || lane.Delivery.NotBefore <= now)
                {
                    lane.Task = Task.Run(() => RunAsync(destination, lane, stoppingToken), CancellationToken.None);
                }
            }
        }
    }

    // Lanes that no longer have to wait and whose rows another process has delivered.
    private void Forget(IReadOnlyList<string> destinations, DateTimeOffset now)
    {
        foreach (var (destination, lane) in _lanes.ToList())
        {
            if (lane.Task is null && lane.Delivery.NotBefore <= now && !destinations.Contains(destination))
            {
                _lanes.Remove(destination);
            }
        }
    }

    private async Task RunAsync(string destination, Lane lane, CancellationToken stoppingToken)
    {
        var probed = _broker.IsAway;
        await lane.Delivery.RunAsync(stoppingToken);
        lock (_lock)
        {
            lane.Task = null;
            var again = lane.RunAgain;
            lane.RunAgain = false;
            var isHeldBack = lane.Delivery.NotBefore > clock.GetUtcNow();
            if (!isHeldBack)
            {
                // Temporary queues of request clients come and go; only a lane that must wait is remembered.
                _lanes.Remove(destination);
            }

            // Rows that came meanwhile, a free place for a waiting lane, or the return of the broker.
            if ((again && !isHeldBack) || _isCrowded || (probed && !_broker.IsAway))
            {
                _isCrowded = false;
                signal.Set();
            }
        }
    }

    private DateTimeOffset? NextHeldBackLane()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            return _lanes.Values.Where(lane => lane.Task is null && lane.Delivery.NotBefore > now).Min(lane => (DateTimeOffset?)lane.Delivery.NotBefore);
        }
    }

    private IEnumerable<Task> Running()
    {
        lock (_lock)
        {
            return [.. _lanes.Values.Select(lane => lane.Task).OfType<Task>()];
        }
    }

    private sealed class Lane(OutboxLane delivery)
    {
        public OutboxLane Delivery => delivery;

        public Task? Task { get; set; }

        public bool RunAgain { get; set; }
    }
}

using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Stops;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.TrafficAgent.DeadMan;

/// <summary>While a split is on and nobody is heard of who could notice a sick Y: restores X, or holds, as the spec says.</summary>
/// <remarks>It never leads to an X that was removed. The coordinator removes X only after the balancer itself holds the commitment to Y (<see cref="CommitTraffic"/>);
/// here nothing is done unless the balancer names this upgrade, uncommitted, and X is seen to serve.</remarks>
public sealed class DeadManSwitch(Contacts contacts, TrafficIntents intents, TrafficDriverCatalog drivers, TrafficStop stop, TimeProvider clock, ILogger<DeadManSwitch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    // Not every balancer is cheap to ask.
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(5);
    private readonly Dictionary<Guid, long> _tried = [];
    private readonly ConcurrentDictionary<Guid, bool> _held = new();

    /// <summary>Looks once; to be called every second by one caller.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        contacts.Look();
        var due = new List<(TrafficIntent Known, TimeSpan Silence)>();
        foreach (var known in intents.All().Where(static i => i.MayBeOn))
        {
            var upgrade = known.Record.UpgradeId;
            var silence = contacts.SilenceOf(upgrade);
            if (silence < known.Traffic.DeadMan.After)
            {
                _tried.Remove(upgrade);
                _held.TryRemove(upgrade, out _);
            }
            else if (!_tried.TryGetValue(upgrade, out var tried) || clock.GetElapsedTime(tried) >= BetweenTries)
            {
                _tried[upgrade] = clock.GetTimestamp();
                due.Add((known, silence));
            }
        }

        await Task.WhenAll(due.Select(d => TryActAsync(d.Known, d.Silence, cancellationToken)));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                logger.StateNotRead(exception);
            }
        }
    }

    private async Task TryActAsync(TrafficIntent known, TimeSpan silence, CancellationToken cancellationToken)
    {
        try
        {
            await ActAsync(known, silence, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: the switch must live on, for this upgrade and for the others.
            logger.DeadManBlind(known.Record.UpgradeId, exception);
        }
    }

    private async Task ActAsync(TrafficIntent known, TimeSpan silence, CancellationToken cancellationToken)
    {
        var upgrade = known.Record.UpgradeId;
        var seen = await drivers.Create(known.Traffic).ReadAsync(cancellationToken);
        if (seen is { Tampered: false, Record: not null } && (!seen.IsOf(upgrade) || seen.Record.IsCommitted))
        {
            intents.Close(upgrade);
            logger.SplitOver(upgrade, seen.ToString());
            return;
        }

        if (!seen.IsOf(upgrade) || seen.Record!.IsCommitted || seen.Split.WeightY == 0)
        {
            return;
        }

        var reason = $"Neither coordinator nor monitor agent of this upgrade was heard of for {silence.TotalSeconds:0} s while {seen.Split.WeightY} % were on cluster Y.";
        if (known.Traffic.DeadMan.Action == DeadManAction.Hold)
        {
            if (_held.TryAdd(upgrade, true))
            {
                stop.Report(known, TrafficIncidentKind.DeadManHeld, reason, seen.Split);
            }

            return;
        }

        await stop.RunAsync(
            new StopOrder { Known = known, Epoch = seen.Record.Epoch, Cause = StopCause.DeadMan, Reason = reason, Terms = RestoreTerms.OnSilence, Within = Within },
            cancellationToken);
    }
}

using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Splits;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.TrafficAgent.Intents;

/// <summary>After a restart of the agent: finds out what became of unfinished intents, and finishes restores without being asked.</summary>
internal sealed class IntentConvergence(TrafficIntents intents, TrafficDriverCatalog drivers, TrafficRestorer restorer, TimeProvider clock, ILogger<IntentConvergence> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Try = TimeSpan.FromSeconds(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(intents.Open().Where(static i => !IsStop(i)).Select(intent => SettleAsync(intent, stoppingToken)));

    // What was begun without a command is finished and reported by its mark.
    private static bool IsStop(TrafficIntent intent) => intent.IsRestore && intent.Record.Step == TrafficRecord.EndOfEpoch;

    private async Task SettleAsync(TrafficIntent intent, CancellationToken stoppingToken)
    {
        var (kind, upgrade) = (intent.IsRestore ? "restore" : "shift", intent.Record.UpgradeId);
        while (IsOpen(intent))
        {
            try
            {
                logger.IntentSettled(kind, upgrade, await TrySettleAsync(intent, stoppingToken));
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                logger.IntentNotSettled(kind, upgrade, exception);
            }

            await Task.Delay(Pause, clock, stoppingToken);
        }
    }

    private async Task<string> TrySettleAsync(TrafficIntent intent, CancellationToken stoppingToken)
    {
        var seen = await drivers.Create(intent.Traffic).ReadAsync(stoppingToken);
        if (seen.Is(intent.Record))
        {
            intents.End(intent, IntentState.Confirmed);
            return "it had been done";
        }

        // A shift is sent again by the coordinator; and what nobody can prove to be ours is left to it as well.
        if (!intent.IsRestore || !seen.IsOf(intent.Record.UpgradeId) || seen.Record!.Epoch > intent.Record.Epoch)
        {
            intents.End(intent, IntentState.Dropped);
            return $"left as it is, {seen}";
        }

        logger.RestoreFound(intent.Record.UpgradeId, intent.Record.Epoch);
        await restorer.RestoreAsync(intent, Try, RestoreTerms.Commanded, stoppingToken);
        return "restored";
    }

    // A command that came meanwhile has put its own intent there.
    private bool IsOpen(TrafficIntent intent) =>
        intents.Find(intent.Record.UpgradeId) is { State: IntentState.Intended } current && current.Record == intent.Record && current.IsRestore == intent.IsRestore;
}

using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;
using KongUpgradeMesh.TrafficAgent.Splits;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.TrafficAgent.Stops;

/// <summary>After a restart of the agent: ends what a reflex, a dead-man switch or a person had begun, so that it is done and reported.</summary>
internal sealed class UnfinishedStops(TrafficMarks marks, TrafficIntents intents, TrafficStop stop, ILogger<UnfinishedStops> logger) : BackgroundService
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(marks.Unfinished().Select(mark => FinishAsync(mark, stoppingToken)));

    private async Task FinishAsync(TrafficMark mark, CancellationToken stoppingToken)
    {
        if (intents.Find(mark.UpgradeId) is not { } known || known.State == IntentState.Released)
        {
            return;
        }

        logger.StopFound(mark.Cause, mark.UpgradeId, mark.Epoch);
        var order = new StopOrder
        {
            Known = known with { Shift = known.Shift ?? mark.Shift },
            Epoch = mark.Epoch,
            Cause = mark.Cause,
            Reason = mark.Reason,
            Terms = mark.Cause == StopCause.DeadMan ? RestoreTerms.OnSilence : RestoreTerms.OnVerdict,
            Within = Within,
        };
        try
        {
            await stop.RunAsync(order, stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // A defect of a driver must not end the agent, whose other upgrades need it; the mark stays and is tried again at the next start.
            logger.StopBroke(mark.Cause, mark.UpgradeId, exception);
        }
    }
}

using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Incidents;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Splits;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Ownership;

/// <summary>Compares the share that flows with the one that is set, while a split is on. A difference that lasts is told once for each split.</summary>
internal sealed class ShareWatch(
    TrafficIntents intents,
    TrafficDriverCatalog drivers,
    ITrafficIncidents incidents,
    IOptions<SplitWatchOptions> options,
    IOptions<AgentOptions> agent,
    TimeProvider clock,
    ILogger<ShareWatch> logger) : BackgroundService
{
    private readonly Dictionary<Guid, ShareHistory> _histories = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ShareInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var intent in intents.Standing().Where(static i => i is { IsRestore: false, IsDrill: false, Record.Split.WeightY: > 0 }))
            {
                try
                {
                    await LookAsync(intent, stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    logger.ShareNotSeen(intent.Record.UpgradeId, exception); // The other watch tells of a balancer that does not answer.
                }
            }
        }
    }

    private async Task LookAsync(TrafficIntent intent, CancellationToken stoppingToken)
    {
        var driver = drivers.Create(intent.Traffic);
        if (!driver.Capabilities.SeesShare || intent.ConfirmedAt is not { } since || clock.GetUtcNow() - since < driver.Capabilities.Lag)
        {
            return;
        }

        var history = HistoryOf(intent.Record);
        var contradiction = await history.LookAsync(driver, stoppingToken);
        // What was seen of a split that was replaced meanwhile, by us or by somebody else, says nothing of it.
        if (contradiction is null || !intents.Stands(intent) || !(await driver.ReadAsync(stoppingToken)).Is(intent.Record))
        {
            return;
        }

        history.IsTold = true;
        await incidents.ReportAsync(
            new TrafficIncident
            {
                Step = intent.Step!,
                Agent = $"traffic@{agent.Value.Name}",
                Kind = TrafficIncidentKind.ShareDiffers,
                Message = $"The share that flows is not the one that is set: {contradiction}. The load balancer carries our split, so {ShareJudgement.CauseOf(driver.Capabilities)}.",
                Split = intent.Record.Split,
                At = clock.GetUtcNow(),
            },
            stoppingToken);
    }

    private ShareHistory HistoryOf(TrafficRecord record)
    {
        if (!_histories.TryGetValue(record.UpgradeId, out var history) || history.Record != record)
        {
            _histories[record.UpgradeId] = history = new ShareHistory(record);
        }

        return history;
    }
}

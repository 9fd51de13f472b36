using KongUpgradeMesh.Contracts;
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

/// <summary>Looks every two seconds whether the load balancers still carry what this agent has confirmed, until the upgrade is over.</summary>
/// <remarks>What is watched stands on disk and needs neither broker nor coordinator. It ends with <see cref="ReleaseTraffic"/>, with a foreign change that was told and left,
/// or with another upgrade's split; a later life of the balancer is never written to, since less on Y is never raised and a restore is defended for a limited time.</remarks>
internal sealed class SplitWatch(
    TrafficIntents intents,
    TrafficDriverCatalog drivers,
    SplitOwnership ownership,
    ITrafficIncidents incidents,
    IOptions<SplitWatchOptions> options,
    IOptions<AgentOptions> agent,
    TimeProvider clock,
    ILogger<SplitWatch> logger) : BackgroundService
{
    private readonly Dictionary<Guid, Task> _looks = [];
    private readonly HashSet<Guid> _unread = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var intent in intents.Standing())
            {
                // One that hangs must not keep the others from being looked at.
                if (!_looks.TryGetValue(intent.Record.UpgradeId, out var look) || look.IsCompleted)
                {
                    _looks[intent.Record.UpgradeId] = LookAsync(intent, stoppingToken);
                }
            }
        }
    }

    private async Task LookAsync(TrafficIntent intent, CancellationToken stoppingToken)
    {
        var upgrade = intent.Record.UpgradeId;
        try
        {
            var driver = drivers.Create(intent.Traffic);
            var seen = await ReadAsync(driver, stoppingToken);
            SetUnread(upgrade, null);
            if (intents.Stands(intent))
            {
                await JudgeAsync(driver, intent, seen, stoppingToken);
            }
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            SetUnread(upgrade, exception);
        }
        catch (OperationCanceledException)
        {
            // The agent stops.
        }
    }

    private async Task JudgeAsync(ITrafficDriver driver, TrafficIntent intent, ObservedTraffic seen, CancellationToken stoppingToken)
    {
        var what = seen.HasLapsed ? "The load balancer has lost the split" : "Somebody else changed the split";
        var (change, contested) = ($"{what}: {intent.Record.Split.WeightY} % on Y is ours, the load balancer reports {seen}", ownership.IsContested(intent));
        try
        {
            switch (await ownership.DefendAsync(driver, intent, seen, stoppingToken))
            {
                case SplitFinding.Reasserted when !contested:
                    await ReportAsync(intent, TrafficIncidentKind.SplitReasserted, $"{change}; ours was put back", intent.Record.Split, stoppingToken);
                    break;
                case SplitFinding.Foreign:
                    // Told first, then noted: told twice is better than never.
                    await ReportAsync(intent, TrafficIncidentKind.SplitChanged, $"{change}; it was left as found{(contested ? ", since ours had been put back within the last minute" : "")}", seen.Split, stoppingToken);
                    intents.TryChange(intent, static current => current with { IsLeft = true });
                    break;
            }
        }
        catch (StepFailedException exception) when (intent.IsRestore)
        {
            if (!contested)
            {
                await ReportAsync(intent, TrafficIncidentKind.RestoreHeld, $"{change}, and X could not be put back: {exception.Failure.Message}", seen.Split, stoppingToken);
            }

            throw;
        }
    }

    private async Task<ObservedTraffic> ReadAsync(ITrafficDriver driver, CancellationToken stoppingToken)
    {
        using var bound = new CancellationTokenSource(options.Value.Interval, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, stoppingToken);
        return await driver.ReadAsync(linked.Token);
    }

    private Task ReportAsync(TrafficIntent intent, TrafficIncidentKind kind, string message, TrafficSplit split, CancellationToken stoppingToken) => incidents.ReportAsync(
        new TrafficIncident { Step = intent.Step!, Agent = $"traffic@{agent.Value.Name}", Kind = kind, Message = message, Split = split, At = clock.GetUtcNow() },
        stoppingToken);

    // Two seconds apart the same failure says nothing new.
    private void SetUnread(Guid upgrade, Exception? why)
    {
        lock (_unread)
        {
            if (why is null)
            {
                _unread.Remove(upgrade);
            }
            else if (_unread.Add(upgrade))
            {
                logger.SplitNotSeen(upgrade, why);
            }
        }
    }
}

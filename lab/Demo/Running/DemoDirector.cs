using System.Collections.Concurrent;
using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Cli.Events;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Lab.Demo.Environments;
using KongUpgradeMesh.Lab.Demo.Faults;
using KongUpgradeMesh.Lab.Demo.Reports;

namespace KongUpgradeMesh.Lab.Demo.Running;

/// <summary>Follows the upgrade and does what a demo adds to it: tries writes while it is frozen, breaks cluster Y when asked to, decides where nobody else would.</summary>
/// <param name="environment">What is upgraded.</param>
/// <param name="client">Of the coordinator.</param>
/// <param name="fault">What to break; null for nothing.</param>
/// <param name="screen">Shows everything to a person.</param>
/// <param name="say">Tells a person what the demo itself does.</param>
/// <param name="clock">The clock.</param>
/// <param name="cancellationToken">Ends what the demo itself does.</param>
internal sealed class DemoDirector(
    DemoEnvironment environment, UpgradesClient client, FaultKind? fault, IUpgradeObserver screen, Action<string> say, TimeProvider clock, CancellationToken cancellationToken) : IUpgradeObserver
{
    // Long enough that the split's traffic has begun to count, short enough to fall into the dwell.
    private static readonly TimeSpan FaultDelay = TimeSpan.FromSeconds(1.5);
    private readonly ConcurrentQueue<TimelineEntry> _entries = new();
    private readonly ConcurrentQueue<Task> _actions = new();

    /// <summary>The timeline so far.</summary>
    public IReadOnlyList<TimelineEntry> Timeline => [.. _entries];

    /// <summary>When cluster Y was broken; null when it was not.</summary>
    public DateTimeOffset? FaultInjectedAt { get; private set; }

    /// <inheritdoc/>
    public void Show(UpgradeView upgrade) => screen.Show(upgrade);

    /// <inheritdoc/>
    public void Connection(string? lost) => screen.Connection(lost);

    /// <inheritdoc/>
    public void Add(TimelineEntry entry)
    {
        _entries.Enqueue(entry);
        screen.Add(entry);
        switch (entry)
        {
            case { Kind: "step-completed", Phase: "Freeze" }:
                environment.Writes.Start(ClusterSide.X);
                environment.Drift.Start();
                break;
            case { Kind: "phase-entered", Phase: "Shift" }:
                environment.Writes.Start(ClusterSide.Y);
                break;
            case { Kind: "traffic-shifted", Phase: "Shift" } when fault is { } kind && FaultInjectedAt is null && TimelineReading.WeightOf(entry) >= TimelineReading.FaultWeight:
                FaultInjectedAt = clock.GetUtcNow();
                _actions.Enqueue(InjectAsync(kind));
                break;
            case { Kind: "phase-entered", Phase: "Decommission" } or { Kind: "rollback-started" or "ended" }:
                _actions.Enqueue(StopProbingAsync());
                break;
            case { Kind: "paused" }:
                _actions.Enqueue(StopProbingAsync());
                _actions.Enqueue(GiveUpAsync(entry));
                break;
        }
    }

    /// <summary>Waits for what was begun.</summary>
    public async Task FinishAsync()
    {
        await StopProbingAsync();
        while (_actions.TryDequeue(out var action))
        {
            await action;
        }
    }

    private async Task InjectAsync(FaultKind kind)
    {
        await Task.Delay(FaultDelay, clock, cancellationToken);
        FaultInjectedAt = clock.GetUtcNow();
        await FaultInjection.InjectAsync(kind, environment.Spec.To, cancellationToken);
        say($"Fault injected into cluster Y: {FaultInjection.Content(kind)}");
    }

    private async Task StopProbingAsync()
    {
        await environment.Writes.StopAsync();
        await environment.Drift.StopAsync();
    }

    // A pause waits for a person. In a demo nobody comes, so the safe way is taken and the run does not count as shown.
    private async Task GiveUpAsync(TimelineEntry pause)
    {
        say($"The upgrade waits for a person, whom a demo does not have: rolling back. {pause.Message}");
        try
        {
            var request = new OperatorRequest { Actor = "demo", Reason = "nobody decides in a demo" };
            foreach (var running in await client.CallAsync(api => api.ListAsync(true, environment.Spec.Cluster, cancellationToken), cancellationToken))
            {
                await client.CallAsync(api => api.OperateAsync(running.UpgradeId, "rollback", request, cancellationToken), cancellationToken);
            }
        }
        catch (ApiProblemException refused)
        {
            // Past the point of no return there is no way back; the demo's limit ends the wait.
            say(refused.Message);
        }
    }
}

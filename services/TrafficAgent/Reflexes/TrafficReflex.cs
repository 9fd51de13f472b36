using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Stops;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.TrafficAgent.Reflexes;

/// <summary>Restores X at a failed verdict without waiting for the coordinator. Every agent that has shifted for the upgrade hears it; the balancer tells which split is in force.</summary>
public sealed class TrafficReflex(TrafficIntents intents, TrafficDriverCatalog drivers, TrafficStop stop, ILogger<TrafficReflex> logger)
{
    // The monitor repeats a failed verdict; a balancer that is away longer is tried again then.
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<Guid, bool> _acting = new();
    private readonly ConcurrentDictionary<Guid, StepOrder> _newestWatch = new();

    /// <summary>Takes note that watches older than this are over: what they say arrives late.</summary>
    public void Hear(StepsRevoked revoked)
    {
        if (revoked.Lane == StepLanes.Watch)
        {
            var order = new StepOrder(revoked.Epoch, revoked.Sequence, revoked.Attempt);
            _newestWatch.AddOrUpdate(revoked.UpgradeId, order, (_, known) => known > order ? known : order);
        }
    }

    /// <summary>Acts on a verdict where it is this agent's split, of this epoch, and on; whatever goes wrong is left to the next verdict and to the coordinator.</summary>
    public async Task HearAsync(VerdictReached verdict, CancellationToken cancellationToken)
    {
        // After the point of no return verdicts only alert: X may be gone.
        if (verdict is not { Verdict: Verdict.Failed, Purpose: not WatchPurpose.After } || IsLate(verdict.Step))
        {
            return;
        }

        var upgrade = verdict.Step.UpgradeId;
        if (!_acting.TryAdd(upgrade, true))
        {
            return;
        }

        try
        {
            if (intents.Find(upgrade) is { IsOver: false, Shift: not null, Traffic.Reflex: true } known && known.Record.Epoch <= verdict.Step.Epoch)
            {
                await ActAsync(known, verdict, cancellationToken);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.ReflexFailed(upgrade, exception);
        }
        finally
        {
            _acting.TryRemove(upgrade, out _);
        }
    }

    private async Task ActAsync(TrafficIntent known, VerdictReached verdict, CancellationToken cancellationToken)
    {
        var seen = await drivers.Create(known.Traffic).ReadAsync(cancellationToken);
        if (!seen.IsOf(verdict.Step.UpgradeId) || seen.Record!.IsCommitted || seen.Record.Epoch != verdict.Step.Epoch || seen.Split.WeightY == 0 || !IsOf(verdict, seen.Record))
        {
            return;
        }

        var finding = verdict.Findings.FirstOrDefault(static f => f.Verdict == Verdict.Failed)?.Message;
        await stop.RunAsync(
            new StopOrder
            {
                Known = known,
                Epoch = verdict.Step.Epoch,
                Cause = StopCause.Reflex,
                Reason = $"{verdict.Agent} judged cluster Y as failed{(finding is null ? "." : $": {finding}")}",
                Terms = RestoreTerms.OnVerdict,
                Within = Within,
            },
            cancellationToken);
    }

    // The next split may be on already while the watch of the step before it still speaks: the coordinator begins a new one only after the shift. The watch of a ramp speaks before it.
    private static bool IsOf(VerdictReached verdict, TrafficRecord record) => verdict.TrafficStep - record.Step is >= -1 and <= 1;

    private bool IsLate(StepRef watch) => _newestWatch.TryGetValue(watch.UpgradeId, out var newest) && StepOrder.Of(watch) < newest;
}

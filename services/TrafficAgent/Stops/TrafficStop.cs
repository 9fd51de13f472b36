using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Incidents;
using KongUpgradeMesh.TrafficAgent.Intents;
using KongUpgradeMesh.TrafficAgent.Marks;
using KongUpgradeMesh.TrafficAgent.Splits;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Stops;

/// <summary>The one way in which traffic goes back to X without a command: mark on disk, restore, incident on disk. Reflex, dead-man switch and <c>kum-traffic</c> use it.</summary>
public sealed class TrafficStop(
    TrafficRestorer restorer, TrafficDriverCatalog drivers, TrafficMarks marks, IncidentBox incidents, IOptions<AgentOptions> options, TimeProvider clock, ILogger<TrafficStop> logger)
{
    /// <summary>Stops the epoch. What must hold and does not is a result, and an incident for people; only cancellation is thrown.</summary>
    public async Task<StopResult> RunAsync(StopOrder order, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var upgrade = order.Known.Record.UpgradeId;
        var earlier = TryFind(upgrade) is { } kept && kept.Epoch >= order.Epoch ? kept : null;
        var mark = new TrafficMark
        {
            UpgradeId = upgrade,
            Epoch = order.Epoch,
            Cause = order.Cause,
            Reason = order.Reason,
            At = earlier is { Outcome: null } ? earlier.At : clock.GetUtcNow(),
            Shift = order.Known.Shift ?? throw new ArgumentException("what never was shifted cannot be stopped", nameof(order)),
        };

        // Before the restore: whatever arrives late finds the mark here and the end of the epoch in the balancer.
        var isMarked = TryWrite(upgrade, () => marks.Write(mark));
        logger.StopBegun(order.Cause, upgrade, order.Epoch, order.Reason);
        try
        {
            var took = await restorer.RestoreAsync(IntentOf(order), order.Within, order.Terms, cancellationToken);
            logger.StopDone(order.Cause, upgrade, took);
            var isReported = End(mark, KindOf(order.Cause), order.Reason, TrafficSplit.AllOnX, clock.GetElapsedTime(started));
            return new StopResult(took, null, isMarked, isReported);
        }
        catch (StepFailedException exception)
        {
            logger.StopHeld(order.Cause, upgrade, exception.Failure.Code, exception);

            // Said once; the next try will end the same way until somebody has helped. What was overtaken is nobody's concern.
            var isSaid = earlier?.Outcome == TrafficIncidentKind.RestoreHeld || exception.Failure.Code == FailureCodes.StepSuperseded;
            var split = isSaid ? null : await TryReadAsync(order.Known, cancellationToken);
            var isReported = End(mark, TrafficIncidentKind.RestoreHeld, $"{order.Reason} But: {exception.Failure.Message}", split, null, isSaid);
            return new StopResult(null, exception.Failure, isMarked, isReported);
        }
    }

    /// <summary>Puts down that something happened for which nothing is stopped.</summary>
    public void Report(TrafficIntent known, TrafficIncidentKind kind, string message, TrafficSplit? split) =>
        TryWrite(known.Record.UpgradeId, () => incidents.Add(new TrafficIncident
        {
            Step = known.Shift!, Agent = Agent, Kind = kind, Message = message, Split = split, At = clock.GetUtcNow(),
        }));

    private string Agent => $"traffic@{options.Value.Name}";

    private static TrafficIncidentKind KindOf(StopCause cause) => cause switch
    {
        StopCause.Reflex => TrafficIncidentKind.ReflexRestored,
        StopCause.DeadMan => TrafficIncidentKind.DeadManRestored,
        StopCause.BreakGlass => TrafficIncidentKind.BreakGlassRestored,
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "not a cause"),
    };

    private static TrafficIntent IntentOf(StopOrder order) => order.Known with
    {
        Record = new TrafficRecord { UpgradeId = order.Known.Record.UpgradeId, Epoch = order.Epoch, Step = TrafficRecord.EndOfEpoch, Split = TrafficSplit.AllOnX },
        IsRestore = true,
        IsDrill = false,
        IsLeft = false,
        ConfirmedAt = null,
        State = IntentState.Intended,
    };

    private bool End(TrafficMark mark, TrafficIncidentKind kind, string message, TrafficSplit? split, TimeSpan? took, bool isSaid = false)
    {
        var incident = new TrafficIncident { Step = mark.Shift, Agent = Agent, Kind = kind, Message = message, Split = split, At = mark.At, Took = took };

        // In this order: a crash in between repeats the restore, which changes nothing, and the report, which is only a second one.
        var isReported = isSaid || TryWrite(mark.UpgradeId, () => incidents.Add(incident));
        TryWrite(mark.UpgradeId, () => marks.Write(mark with { Outcome = kind }));
        return isReported;
    }

    private async Task<TrafficSplit?> TryReadAsync(TrafficIntent known, CancellationToken cancellationToken)
    {
        try
        {
            return (await drivers.Create(known.Traffic).ReadAsync(cancellationToken)).Split;
        }
        catch (StepFailedException)
        {
            return null;
        }
    }

    private TrafficMark? TryFind(Guid upgrade)
    {
        try
        {
            return marks.Find(upgrade);
        }
        catch (Exception exception) when (exception is StepFailedException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private bool TryWrite(Guid upgrade, Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full disk of the agent must not keep traffic on a broken Y; the balancer holds the end of the epoch too.
            logger.StateNotWritten(upgrade, exception);
            return false;
        }
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>The split as the weight of a server that gets no traffic, which HAProxy asks of this agent; nothing of HAProxy is written.</summary>
/// <remarks>The record is a file of the agent. The weight is X's share, so that HAProxy, which starts with the configured 100, starts with all traffic on X.</remarks>
internal sealed class AgentCheckSplit(HAProxyOptions options, HAProxyAgentCheckOptions pull, HAProxyRuntimeClient haproxy, HAProxyAgentChecks checks, TimeProvider clock)
    : IHAProxySplit
{
    private const int WeightOfAllOnX = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly HAProxyMapFile _file = new(checks.FileOf(pull.Listen), clock);

    public DriverCapabilities Capabilities => HAProxyThreshold.Capabilities;

    public IReadOnlyList<string> Limits =>
    [
        HAProxyThreshold.Limit,
        "A started HAProxy has all traffic on X until it has asked the agent, and for as long as the agent is down: clients on Y then go back to X.",
        "The agent must run until the split has been made permanent in HAProxy's configuration, also after the upgrade.",
        "A weight that is set by hand is undone by the next agent check; \"disable agent\" first.",
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        var initial = await haproxy.AskAsync($"get weight {pull.Server}", cancellationToken);
        checks.Listen(pull.Listen);
        return initial.EndsWith($"(initial {WeightOfAllOnX})", StringComparison.Ordinal)
            ? []
            : [$"Server {pull.Server} of HAProxy must be there with weight {WeightOfAllOnX}; get weight answers: {initial}."];
    }

    public async Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken)
    {
        checks.TryListen(pull.Listen);
        var started = clock.GetTimestamp();
        while (true)
        {
            var kept = await _file.TryReadAsync(cancellationToken);
            var followed = new TrafficSplit { WeightY = await FollowedAsync(cancellationToken) };
            if (kept is null)
            {
                return new ObservedTraffic(followed, null, Tampered: false);
            }

            if (kept.Split == followed)
            {
                return kept;
            }

            if (clock.GetElapsedTime(started) > pull.Settle)
            {
                // HAProxy does not ask, or somebody keeps it from following; what it does is what counts.
                return new ObservedTraffic(followed, kept.Record, Tampered: kept.Record is not null);
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    public async Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken)
    {
        var seen = await ReadAsync(cancellationToken);
        RecordGuard.AdmitShift(seen, record, overForeign);
        try
        {
            await _file.ReplaceAsync(record, cancellationToken);
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.BalancerRefused)
        {
            throw new StepFailedException(exception.Failure with { Message = $"The split was not changed: {checks.FileOf(pull.Listen)} could not be written." }, exception);
        }

        checks.Follow(pull.Listen, null);
        await SettleAsync(record, cancellationToken);
    }

    public async Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        checks.TryListen(pull.Listen);
        if (await _file.TryReadAsync(cancellationToken) is { } kept)
        {
            RecordGuard.AdmitRestore(kept, record);
        }

        try
        {
            await _file.ReplaceAsync(record, cancellationToken);
            checks.Follow(pull.Listen, null);
        }
        catch (StepFailedException exception) when (exception.Failure.Code != FailureCodes.StepSuperseded)
        {
            // A full disk of the agent must not keep traffic on a broken Y: until the file can be written, the answer is "all on X".
            checks.Follow(pull.Listen, record.Split);
            await SettleAsync(record, cancellationToken);
            throw;
        }

        await SettleAsync(record, cancellationToken);
    }

    private async Task SettleAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        int onY;
        while ((onY = await FollowedAsync(cancellationToken)) != record.Split.WeightY)
        {
            if (clock.GetElapsedTime(started) > pull.Settle)
            {
                throw TrafficFailures.NotInForce(record.Split, $"{onY} % on Y after {pull.Settle}; HAProxy's agent check of {pull.Server} must reach this agent at {pull.Listen}");
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    // The weight as the frontend's rule sees it, unless the server is put into maintenance by hand: then all traffic is on X, and only the counters tell.
    private async Task<int> FollowedAsync(CancellationToken cancellationToken) =>
        WeightOfAllOnX - HAProxyCounters.WeightOf(await haproxy.AskAsync("show stat", cancellationToken), pull.Server, options) is var onY and >= 0 and <= 100
            ? onY
            : throw TrafficFailures.Refused($"HAProxy at {options.Socket}", $"server {pull.Server} has a weight above {WeightOfAllOnX}");
}

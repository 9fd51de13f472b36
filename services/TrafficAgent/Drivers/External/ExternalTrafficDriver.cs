using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.External;

/// <summary>Drives a load balancer through somebody else's program or service; what that says is read back, never taken for granted.</summary>
internal sealed class ExternalTrafficDriver(ExternalOptions options, IExternalBalancer balancer, TimeProvider clock) : ITrafficDriver
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public DriverCapabilities Capabilities => options.Capabilities;

    public IReadOnlyList<string> Limits =>
    [
        $"{balancer.Name} is not part of this product: that clients stay on their side, and what a step costs, is what its settings say.",
        .. options.KeepsSeal ? [] : new[] { "Without a seal, weights changed by hand beside unchanged marks are taken for ours." },
        .. Capabilities.SeesShare ? [] : new[] { "Nobody counts requests by side, so only the clusters' own counters show the share." },
        .. Capabilities.ComparesAndSets ? [] : new[] { "The balancer does not refuse an overtaken write: run one traffic agent for it, and let nobody else write." },
        .. options.Drain > TimeSpan.Zero ? [] : new[] { "Open connections are not waited for." },
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(TrafficSpec wishes, CancellationToken cancellationToken)
    {
        var report = await balancer.GetAsync(cancellationToken);
        report.ToObserved(balancer.Name, options.KeepsSeal);
        return Capabilities.SeesShare && report.Requests is null
            ? [$"{balancer.Name} answers get without requests although traffic.settings.counts is true."]
            : [];
    }

    public async Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken) =>
        (await balancer.GetAsync(cancellationToken)).ToObserved(balancer.Name, options.KeepsSeal);

    public async Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken)
    {
        var seen = await ReadAsync(cancellationToken);
        RecordGuard.AdmitShift(seen, record, overForeign);
        if (!seen.Is(record))
        {
            await SetAsync(SplitOrder.Of(record, restore: false), cancellationToken);
        }

        await SettleAsync(record, cancellationToken);
    }

    public async Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var seen = await TryReadAsync(cancellationToken);
        if (seen is not null)
        {
            RecordGuard.AdmitRestore(seen, record);
        }

        if (seen?.Is(record) != true)
        {
            await SetAsync(SplitOrder.Of(record, restore: true), cancellationToken);
        }

        await SettleAsync(record, cancellationToken);
    }

    public async Task<Verification> VerifyAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var before = await balancer.GetAsync(cancellationToken);
        if (Capabilities.SeesShare)
        {
            await Task.Delay(options.Observe, clock, cancellationToken);
        }

        var after = Capabilities.SeesShare ? await balancer.GetAsync(cancellationToken) : before;
        var seen = after.ToObserved(balancer.Name, options.KeepsSeal);
        if (!seen.Is(record))
        {
            throw TrafficFailures.NotInForce(record.Split, seen.ToString());
        }

        if (!Capabilities.SeesShare)
        {
            return Verification.NotSupported;
        }

        return before.Requests is { } first && after.Requests is { } last
            ? last.Since(first, record, options.Observe)
            : throw TrafficFailures.Refused(balancer.Name, "get answered without requests although traffic.settings.counts is true");
    }

    private async Task SetAsync(SplitOrder order, CancellationToken cancellationToken)
    {
        try
        {
            await balancer.SetAsync(order, cancellationToken);
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.BalancerRefused)
        {
            // Refused, or half done? Only asking tells which split clients have now.
            var seen = await TryReadAsync(cancellationToken);
            var inForce = seen is null ? "What is in force could not be read." : $"In force: {seen}.";
            throw new StepFailedException(exception.Failure with { Details = [.. exception.Failure.Details, inForce] }, exception);
        }
    }

    private async Task SettleAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        SplitReport report;
        while (true)
        {
            report = await balancer.GetAsync(cancellationToken);
            var seen = report.ToObserved(balancer.Name, options.KeepsSeal);
            if (seen.Is(record))
            {
                break;
            }

            if (clock.GetElapsedTime(started) >= options.Settle)
            {
                throw TrafficFailures.NotInForce(record.Split, $"{seen}, {options.Settle} after it was set");
            }

            await Task.Delay(Pause, clock, cancellationToken);
        }

        started = clock.GetTimestamp();
        while (report.Draining && clock.GetElapsedTime(started) < options.Drain)
        {
            await Task.Delay(Pause, clock, cancellationToken);
            report = await balancer.GetAsync(cancellationToken);
        }
    }

    private async Task<ObservedTraffic?> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(cancellationToken);
        }
        catch (StepFailedException)
        {
            return null; // Whatever get cannot say is no reason not to order "all on X"; set itself refuses what is overtaken.
        }
    }
}

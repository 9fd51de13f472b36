using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>Replaces one included file with a split_clients block and reloads; done when the workers themselves say so.</summary>
internal sealed class NginxReloadDriver : ITrafficDriver
{
    private readonly NginxReloadOptions _options;
    private readonly NginxControl _control;
    private readonly INginxHost _host;
    private readonly NginxSplitWriter _writer;
    private NginxReloadCost _cost = NginxReloadCost.Unknown;

    public NginxReloadDriver(NginxReloadOptions options, HttpClient http, IProgramRunner programs, TimeProvider clock)
    {
        _options = options;
        _control = new NginxControl(options.ControlUrl, options.ProbeHeader, options.Timeout, http, clock);
        _host = options.Exec is { } exec ? new ExecNginxHost(options, exec, programs, clock) : new LocalNginxHost(options, programs, clock);
        _writer = new NginxSplitWriter(options, _host, _control, clock);
        Capabilities = new()
        {
            IsSticky = true,
            Assignment = TrafficAssignment.PerRequest,
            CostOfChange = "reloads nginx, which may cost requests and keeps old workers until their connections end",
            SeesShare = options.ProbeHeader is not null,
        };
    }

    public DriverCapabilities Capabilities { get; }

    public IReadOnlyList<string> Limits =>
    [
        .. _cost.Sentences(),
        "The share is one of sticky keys; the share of requests follows only as far as keys are equally busy.",
        .. _options.ProbeHeader is null ? new[] { "The share cannot be probed without a header that is part of the key." } : [],
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(TrafficSpec wishes, CancellationToken cancellationToken)
    {
        try
        {
            await _host.TryWriteAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [$"The agent cannot replace {_options.File}: its directory must exist and be writable."];
        }

        await ReadAsync(cancellationToken);
        var version = await _writer.Nginx.VersionAsync(cancellationToken);
        var dump = await _writer.Nginx.DumpAsync(cancellationToken);
        var hasGrace = NginxVersion.KnowsGrace(version) && (dump.IsWhole || dump.Sets(NginxDump.Grace)); // Set already, or set by the first step.
        _cost = new NginxReloadCost(version, hasGrace, dump.Sets(NginxDump.ShutdownTimeout), wishes.Steps.Count);
        return [.. dump.Problems(_options)];
    }

    public async Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken)
    {
        var running = NginxMark.Parse((await _control.AskAsync(null, cancellationToken)).Mark);
        var content = await _writer.ContentAsync(cancellationToken);
        var filed = NginxSplitFile.RecordIn(content);
        var untouched = filed is not null && NginxSplitFile.Is(content, filed, _options);

        // The file may be ahead of the workers by a write of ours that was interrupted before its reload; that is not a foreign change.
        if (untouched && (running is null || running.UpgradeId == filed!.UpgradeId))
        {
            return new ObservedTraffic(running?.Split ?? TrafficSplit.AllOnX, running, Tampered: false);
        }

        var weight = NginxSplitFile.WeightIn(content, _options) ?? throw TrafficFailures.Refused("nginx", $"{_options.File} has no split_clients block that is understood");
        var split = new TrafficSplit { WeightY = Math.Max(weight, running?.Split.WeightY ?? 0) };
        return new ObservedTraffic(split, running, Tampered: running is not null);
    }

    public async Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken)
    {
        var seen = await ReadAsync(cancellationToken);
        try
        {
            string? before = null;
            await using (await _host.TakeTurnAsync(cancellationToken))
            {
                seen = await ReadAsync(cancellationToken);
                RecordGuard.AdmitShift(seen, record, overForeign);
                AdmitOverFile(await _writer.ContentAsync(cancellationToken), record);
                if (!await IsServedAsync(seen, record, cancellationToken))
                {
                    before = await _writer.WriteShiftAsync(record, cancellationToken);
                }
            }

            await SettleShiftAsync(before, record, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw await ReadBackAsync(NginxSplitWriter.NotAccessible(exception), seen, cancellationToken);
        }
        catch (StepFailedException exception) when (exception.Failure.Code is FailureCodes.BalancerRefused or FailureCodes.SplitNotInForce or FailureCodes.BalancerUnreachable)
        {
            throw await ReadBackAsync(exception, seen, cancellationToken);
        }
    }

    public async Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await using var turn = await TryTakeTurnAsync(cancellationToken);
            AdmitOverFile(await _writer.ContentAsync(cancellationToken), record);
            var seen = await TryReadAsync(cancellationToken);
            if (seen is not null)
            {
                RecordGuard.AdmitRestore(seen, record);
            }

            if (seen is null || !await IsServedAsync(seen, record, cancellationToken))
            {
                await _writer.WriteRestoreAsync(record, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NginxSplitWriter.NotAccessible(exception);
        }

        await _writer.SettleAsync(record, cancellationToken);
    }

    public async Task<Verification> VerifyAsync(TrafficRecord record, CancellationToken cancellationToken) =>
        _options.ProbeHeader is { } header ? await NginxShareProbe.RunAsync(_control, record, header, cancellationToken) : Verification.NotSupported;

    // Another agent's shift that was filed and not yet followed counts as well as one that is followed.
    private static void AdmitOverFile(string content, TrafficRecord record)
    {
        if (NginxSplitFile.RecordIn(content) is { } filed)
        {
            RecordGuard.AdmitRestore(new ObservedTraffic(filed.Split, filed, Tampered: false), record);
        }
    }

    private async Task<bool> IsServedAsync(ObservedTraffic seen, TrafficRecord record, CancellationToken cancellationToken) =>
        seen.Is(record) && NginxSplitFile.Is(await _writer.ContentAsync(cancellationToken), record, _options);

    private async Task SettleShiftAsync(string? before, TrafficRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await _writer.SettleAsync(record, cancellationToken);
        }
        catch (StepFailedException) when (before is not null)
        {
            await _writer.PutBackAsync(before, record, cancellationToken);
            throw;
        }
    }

    // A shift that failed must leave what was there: the workers are asked, and the answer is part of the failure.
    private async Task<StepFailedException> ReadBackAsync(StepFailedException failed, ObservedTraffic before, CancellationToken cancellationToken)
    {
        string proof;
        try
        {
            var now = await ReadAsync(cancellationToken);
            proof = now == before ? $"Read back from nginx's workers: the split before is still in force ({now})." : $"Read back from nginx's workers: {now}; before: {before}.";
        }
        catch (StepFailedException exception)
        {
            proof = $"The split in force could not be read back: {exception.Failure.Message}";
        }

        return new StepFailedException(failed.Failure with { Details = [.. failed.Failure.Details, proof] }, failed);
    }

    private async Task<IAsyncDisposable?> TryTakeTurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _host.TakeTurnAsync(cancellationToken);
        }
        catch (IOException)
        {
            return null; // Somebody hangs with the lock; the way back to X does not wait for that.
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
            return null; // Not running or not understood: the file is put right all the same, for its next start.
        }
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx;

/// <summary>Replaces one included file with a split_clients block and reloads; done when the workers themselves say so.</summary>
internal sealed class NginxTrafficDriver(NginxOptions options, HttpClient http, IProgramRunner programs, TimeProvider clock) : ITrafficDriver
{
    private const int AgreeingAnswers = 20;
    private const int Probes = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly NginxWorkers _workers = new(options, http, clock);
    private readonly NginxProgram _nginx = new(options, programs);

    public DriverCapabilities Capabilities { get; } = new() { IsSticky = true, Assignment = TrafficAssignment.PerRequest, SeesShare = options.ProbeHeader is not null };

    public IReadOnlyList<string> Limits =>
    [
        "Each step is a reload: nginx before 1.27.4 (or without keepalive_min_timeout) may reset a few kept connections, which clients see as failed POSTs. Prefer few steps.",
        "Connections that are open for long (WebSocket, gRPC streams) stay with the old workers, on their side, until they end; set worker_shutdown_timeout to bound that.",
        "The share is one of sticky keys; the share of requests follows only as far as keys are equally busy.",
        .. options.ProbeHeader is null ? new[] { "The share cannot be probed without a header that is part of the key." } : [],
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(TrafficSpec wishes, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        try
        {
            File.Create(options.File + ".kum-try", 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problems.Add($"The agent's user cannot replace {options.File}: its directory must exist and be writable.");
            return problems;
        }

        await ReadAsync(cancellationToken);
        await _nginx.TestAsync(cancellationToken);
        return problems;
    }

    public async Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken)
    {
        var (generation, _) = await _workers.AskAsync(null, cancellationToken);
        var running = NginxSplitFile.Parse(generation);
        var content = await ContentAsync(cancellationToken);
        var filed = NginxSplitFile.RecordIn(content);
        var untouched = filed is not null && content == NginxSplitFile.Render(filed, options);

        // The file may be ahead of the workers by a write of ours that was interrupted before its reload; that is not a foreign change.
        if (untouched && (running is null || running.UpgradeId == filed!.UpgradeId))
        {
            return new ObservedTraffic(running?.Split ?? TrafficSplit.AllOnX, running, Tampered: false);
        }

        var weight = NginxSplitFile.WeightIn(content, options) ?? throw TrafficFailures.Refused("nginx", $"{options.File} has no split_clients block that is understood");
        var split = new TrafficSplit { WeightY = Math.Max(weight, running?.Split.WeightY ?? 0) };
        return new ObservedTraffic(split, running, Tampered: running is not null);
    }

    public async Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken)
    {
        try
        {
            await using var turn = await FileTurn.TakeAsync(options.File + ".kum-lock", clock, cancellationToken);
            var seen = await ReadAsync(cancellationToken);
            RecordGuard.AdmitShift(seen, record, overForeign);
            AdmitOverFile(await ContentAsync(cancellationToken), record);
            if (!await IsServedAsync(seen, record, cancellationToken))
            {
                await WriteAsync(record, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(exception);
        }

        await SettleAsync(record, cancellationToken);
    }

    public async Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await using var turn = await TryTakeTurnAsync(cancellationToken);
            AdmitOverFile(await ContentAsync(cancellationToken), record);
            var seen = await TryReadAsync(cancellationToken);
            if (seen is not null)
            {
                RecordGuard.AdmitRestore(seen, record);
            }

            if (seen is null || !await IsServedAsync(seen, record, cancellationToken))
            {
                await WriteAsync(record, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(exception);
        }

        await SettleAsync(record, cancellationToken);
    }

    public async Task<Verification> VerifyAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        if (options.ProbeHeader is null)
        {
            return Verification.NotSupported;
        }

        var onY = 0;
        for (var probe = 0; probe < Probes; probe++)
        {
            var (generation, side) = await _workers.AskAsync($"kum-probe-{probe}-{record.UpgradeId:N}", cancellationToken);
            if (generation != NginxSplitFile.Generation(record))
            {
                throw TrafficFailures.NotInForce(record.Split, $"a worker follows \"{generation}\"");
            }

            onY += side == "y" ? 1 : 0;
        }

        // Far outside of what chance does to that many keys (5 standard deviations); at the ends nothing at all is allowed.
        var expected = record.Split.WeightY / 100.0;
        var bound = 5 * Math.Sqrt(Probes * expected * (1 - expected));
        return Math.Abs(onY - (Probes * expected)) <= bound
            ? new Verification((double)onY / Probes, Probes)
            : throw TrafficFailures.NotInForce(record.Split, $"{onY} of {Probes} keys go to Y; see that the key holds the header {options.ProbeHeader}");
    }

    // Another agent's shift that was filed and not yet followed counts as well as one that is followed.
    private static void AdmitOverFile(string content, TrafficRecord record)
    {
        if (NginxSplitFile.RecordIn(content) is { } filed)
        {
            RecordGuard.AdmitRestore(new ObservedTraffic(filed.Split, filed, Tampered: false), record);
        }
    }

    private static StepFailedException NotWritten(Exception inner) => new(
        new Failure
        {
            Code = FailureCodes.BalancerRefused,
            Message = "The file with nginx's split could not be read or replaced.",
            Remedy = "Make its directory writable for the agent's user, look for a full disk, and see that no other agent holds its lock; then: kum retry.",
            IsTransient = true,
        },
        inner);

    private async Task<bool> IsServedAsync(ObservedTraffic seen, TrafficRecord record, CancellationToken cancellationToken) =>
        seen.Is(record) && await ContentAsync(cancellationToken) == NginxSplitFile.Render(record, options);

    private async Task WriteAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var before = File.Exists(options.File) ? await File.ReadAllTextAsync(options.File, cancellationToken) : null;
        await KeptFile.ReplaceAsync(options.File, NginxSplitFile.Render(record, options), cancellationToken);
        try
        {
            await _nginx.TestAsync(cancellationToken);
        }
        catch (Exception) when (before is not null)
        {
            // What nginx refuses must not lie where its next restart would find it.
            await KeptFile.ReplaceAsync(options.File, before, CancellationToken.None);
            throw;
        }

        await _nginx.ReloadAsync(cancellationToken);
    }

    private async Task SettleAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var (started, wanted, agreeing, last) = (clock.GetTimestamp(), NginxSplitFile.Generation(record), 0, "");
        while (agreeing < AgreeingAnswers)
        {
            (last, _) = await _workers.AskAsync(null, cancellationToken);
            agreeing = last == wanted ? agreeing + 1 : 0;
            if (agreeing == 0)
            {
                if (clock.GetElapsedTime(started) > options.Settle)
                {
                    // An address that cannot be bound looks exactly like this: test and reload succeed, and nothing changes.
                    throw TrafficFailures.NotInForce(record.Split, $"after {options.Settle} a worker still follows \"{last}\"; see nginx's error log");
                }

                await Task.Delay(Pause, clock, cancellationToken);
            }
        }

        started = clock.GetTimestamp();
        while (clock.GetElapsedTime(started) < options.Drain && await _workers.AnyLeavingAsync(cancellationToken))
        {
            await Task.Delay(Pause, clock, cancellationToken);
        }
    }

    private async Task<FileTurn?> TryTakeTurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await FileTurn.TakeAsync(options.File + ".kum-lock", clock, cancellationToken);
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

    private async Task<string> ContentAsync(CancellationToken cancellationToken) =>
        File.Exists(options.File) ? await File.ReadAllTextAsync(options.File, cancellationToken) : "";
}

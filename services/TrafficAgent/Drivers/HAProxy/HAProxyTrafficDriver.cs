using System.Globalization;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>Moves one threshold in a map of HAProxy; a hash of each client's sticky key is compared with it.</summary>
internal sealed class HAProxyTrafficDriver(HAProxyOptions options, TimeProvider clock) : ITrafficDriver
{
    // Fewer requests than this say nothing of a share.
    private const int LeastRequests = 20;
    private const int MostRounds = 10;
    private readonly HAProxyRuntimeClient _haproxy = new(options, clock);
    private readonly HAProxyMapFile? _file = options.MapFile is null ? null : new HAProxyMapFile(options.MapFile, clock);

    public DriverCapabilities Capabilities { get; } = new() { IsSticky = true, Assignment = TrafficAssignment.PerRequest, SeesShare = true };

    public IReadOnlyList<string> Limits =>
    [
        "The share is one of sticky keys; the share of requests follows only as far as keys are equally busy.",
        "Connections that are open for long (WebSocket, gRPC streams) stay on their side until they end"
            + (options.ShutdownSessions ? ", or all traffic has left it: then they are cut." : "."),
        .. options.MapFile is null ? new[] { "The map's file is not kept: a restart or reload of HAProxy goes back to what the file says." } : [],
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(TrafficSpec wishes, CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        await PrepareAsync(cancellationToken); // Changes nothing, and is refused where the socket may not write.
        var counters = await CountAsync(cancellationToken);
        var problems = new List<string>();
        foreach (var (name, requests, servers) in new[] { (options.BackendX, counters.RequestsX, counters.ServersX), (options.BackendY, counters.RequestsY, counters.ServersY) })
        {
            if (requests is null)
            {
                problems.Add($"HAProxy has no backend {name}.");
            }
            else if (servers.Count == 0)
            {
                problems.Add($"Backend {name} of HAProxy has no server.");
            }
        }

        if (_file is not null)
        {
            problems.AddRange(_file.Problems());
        }

        return problems;
    }

    public async Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken) =>
        HAProxyMap.Read(await _haproxy.AskAsync($"show map {options.Map}", cancellationToken));

    public async Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken)
    {
        var version = await PrepareAsync(cancellationToken);
        var seen = await ReadAsync(cancellationToken);
        RecordGuard.AdmitShift(seen, record, overForeign);
        if (!seen.Is(record))
        {
            await CommitAsync(version, record, async () => RecordGuard.AdmitShift(await ReadAsync(cancellationToken), record, overForeign), cancellationToken);
            await ConfirmAsync(record, cancellationToken);
        }

        // After the commit: a restart in between falls back to fewer clients on Y, never to more.
        if (_file is not null)
        {
            await _file.ReplaceAsync(record, cancellationToken);
        }

        if (record.Split.WeightX == 0)
        {
            await CutAsync(options.BackendX, static c => c.ServersX, cancellationToken);
        }
    }

    public async Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var version = await PrepareAsync(cancellationToken);
        var seen = await ReadForRestoreAsync(record, cancellationToken);

        // The file first: from here on a restart of HAProxy brings all traffic to X too. If that fails, the running one counts more.
        var broken = await TryKeepAsync(record, cancellationToken);
        if (seen?.Is(record) != true)
        {
            await CommitAsync(version, record, () => ReadForRestoreAsync(record, cancellationToken), cancellationToken);
        }

        await ConfirmAsync(record, cancellationToken);
        if (broken is not null)
        {
            throw broken;
        }

        await CutAsync(options.BackendY, static c => c.ServersY, cancellationToken);
    }

    public async Task<Verification> VerifyAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var before = await CountAsync(cancellationToken);
        await Task.Delay(options.Observe, clock, cancellationToken);
        var after = await CountAsync(cancellationToken);
        if (before.RequestsX is not { } x0 || before.RequestsY is not { } y0 || after.RequestsX is not { } x1 || after.RequestsY is not { } y1)
        {
            throw TrafficFailures.Refused($"HAProxy at {options.Socket}", $"no counters of backend {options.BackendX} or {options.BackendY}");
        }

        await ConfirmAsync(record, cancellationToken);
        if (x1 < x0 || y1 < y0)
        {
            return Verification.NotSupported; // HAProxy was restarted meanwhile; its counters began anew.
        }

        var (x, y) = (x1 - x0, y1 - y0);
        if ((record.Split.WeightY == 0 && y > 0) || (record.Split.WeightX == 0 && x > 0))
        {
            throw TrafficFailures.NotInForce(record.Split, $"{x} requests went to X and {y} to Y within {options.Observe}");
        }

        return new Verification(x + y >= LeastRequests ? (double)y / (x + y) : null, x + y);
    }

    private async Task<uint> PrepareAsync(CancellationToken cancellationToken)
    {
        var answer = await _haproxy.AskAsync($"prepare map {options.Map}", cancellationToken);
        var colon = answer.LastIndexOf(':');
        return colon > 0 && uint.TryParse(answer.AsSpan(colon + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw TrafficFailures.Refused($"HAProxy at {options.Socket}", answer);
    }

    /// <summary>Commits so that nothing which was read before it can be written after it.</summary>
    /// <remarks>HAProxy counts versions as they are prepared and refuses to commit one that is older than the newest committed. So whoever prepared before us fails
    /// from our commit on. Whoever prepared after us may have read before our commit: the next number tells, and a second commit, above theirs, fences them off.</remarks>
    private async Task CommitAsync(uint version, TrafficRecord record, Func<Task> admitAgain, CancellationToken cancellationToken)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            await _haproxy.TellAsync($"add map @{version} {options.Map} <<\n{HAProxyMap.Write(record)}", cancellationToken);
            await _haproxy.TellAsync($"commit map @{version} {options.Map}", cancellationToken);
            var next = await PrepareAsync(cancellationToken);
            if (next == version + 1)
            {
                return;
            }

            await admitAgain();
            version = next;
        }

        throw TrafficFailures.Refused($"HAProxy at {options.Socket}", $"somebody else prepared the map {MostRounds} times meanwhile");
    }

    private async Task ConfirmAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var seen = await ReadAsync(cancellationToken);
        if (!seen.Is(record))
        {
            throw TrafficFailures.NotInForce(record.Split, seen.ToString());
        }
    }

    private async Task<ObservedTraffic?> ReadForRestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        try
        {
            var seen = await ReadAsync(cancellationToken);
            RecordGuard.AdmitRestore(seen, record);
            return seen;
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.BalancerRefused)
        {
            return null; // What stands there is nonsense, which is no reason not to replace it by "all on X".
        }
    }

    private async Task<StepFailedException?> TryKeepAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await (_file?.ReplaceAsync(record, cancellationToken) ?? Task.CompletedTask);
            return null;
        }
        catch (StepFailedException exception) when (exception.Failure.Code != FailureCodes.StepSuperseded)
        {
            return exception;
        }
    }

    private async Task CutAsync(string backend, Func<HAProxyCounters, IReadOnlyList<string>> servers, CancellationToken cancellationToken)
    {
        if (!options.ShutdownSessions)
        {
            return;
        }

        foreach (var server in servers(await CountAsync(cancellationToken)))
        {
            await _haproxy.TellAsync($"shutdown sessions server {backend}/{server}", cancellationToken);
        }
    }

    private async Task<HAProxyCounters> CountAsync(CancellationToken cancellationToken) =>
        HAProxyCounters.Read(await _haproxy.AskAsync("show stat", cancellationToken), options);
}

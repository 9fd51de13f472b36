using System.Globalization;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>The split as entries of a map, published with its record in one transaction; the default.</summary>
internal sealed class MapSplit(HAProxyOptions options, HAProxyRuntimeClient haproxy, TimeProvider clock) : IHAProxySplit
{
    private const int MostRounds = 10;
    private readonly HAProxyMapFile? _file = options.MapFile is null ? null : new HAProxyMapFile(options.MapFile, clock);

    public DriverCapabilities Capabilities => HAProxyThreshold.Capabilities;

    public IReadOnlyList<string> Limits =>
    [
        HAProxyThreshold.Limit,
        .. _file is null ? new[] { "The map's file is not kept: a restart or reload of HAProxy goes back to what the file says." } : [],
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        await PrepareAsync(cancellationToken); // Changes nothing, and is refused where the socket may not write.
        return _file?.Problems() ?? [];
    }

    public async Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken) =>
        HAProxyMap.Read(await haproxy.AskAsync($"show map {options.Map}", cancellationToken));

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
    }

    private async Task<uint> PrepareAsync(CancellationToken cancellationToken)
    {
        var answer = await haproxy.AskAsync($"prepare map {options.Map}", cancellationToken);
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
            await haproxy.TellAsync($"add map @{version} {options.Map} <<\n{HAProxyMap.Write(record)}", cancellationToken);
            await haproxy.TellAsync($"commit map @{version} {options.Map}", cancellationToken);
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
}

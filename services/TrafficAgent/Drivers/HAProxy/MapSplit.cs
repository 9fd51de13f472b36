using System.Globalization;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>The split as entries of a map, published with its record in one transaction; the default.</summary>
internal sealed class MapSplit(HAProxyOptions options, HAProxyRuntimeClient haproxy, TimeProvider clock) : IHAProxySplit
{
    private readonly HAProxyMapFile? _file = options.MapFile is null ? null : new HAProxyMapFile(options.MapFile, clock);

    public IReadOnlyList<string> Limits => _file is null ? ["The map's file is not kept: a restart or reload of HAProxy goes back to what the file says."] : [];

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
        // Prepare before reading: HAProxy refuses to commit a version older than the newest committed one. So whoever commits
        // between our reading and our commit (a restore, by another agent) makes this commit fail instead of being undone by it.
        var version = await PrepareAsync(cancellationToken);
        var seen = await ReadAsync(cancellationToken);
        RecordGuard.AdmitShift(seen, record, overForeign);
        if (!seen.Is(record))
        {
            await CommitAsync(version, record, cancellationToken);
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
        var seen = await TryReadAsync(cancellationToken);
        if (seen is not null)
        {
            RecordGuard.AdmitRestore(seen, record);
        }

        // The file first: from here on a restart of HAProxy brings all traffic to X too. If that fails, the running one counts more.
        var broken = await TryKeepAsync(record, cancellationToken);
        if (seen?.Is(record) != true)
        {
            await CommitAsync(await PrepareAsync(cancellationToken), record, cancellationToken);
        }

        await ConfirmAsync(record, cancellationToken);
        if (broken is not null)
        {
            throw broken;
        }
    }

    private async Task<string> PrepareAsync(CancellationToken cancellationToken)
    {
        var answer = await haproxy.AskAsync($"prepare map {options.Map}", cancellationToken);
        var colon = answer.LastIndexOf(':');
        return colon > 0 && uint.TryParse(answer.AsSpan(colon + 1).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? $"@{version}"
            : throw TrafficFailures.Refused($"HAProxy at {options.Socket}", answer);
    }

    private async Task CommitAsync(string version, TrafficRecord record, CancellationToken cancellationToken)
    {
        await haproxy.TellAsync($"add map {version} {options.Map} <<\n{HAProxyMap.Write(record)}", cancellationToken);
        await haproxy.TellAsync($"commit map {version} {options.Map}", cancellationToken);
    }

    private async Task ConfirmAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var seen = await ReadAsync(cancellationToken);
        if (!seen.Is(record))
        {
            throw TrafficFailures.NotInForce(record.Split, seen.ToString());
        }
    }

    private async Task<ObservedTraffic?> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(cancellationToken);
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

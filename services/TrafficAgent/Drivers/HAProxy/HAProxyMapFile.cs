using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>A file with the entries of the map: what HAProxy reads when it starts or reloads, kept equal to the running map; or what the agent answers HAProxy from.</summary>
internal sealed class HAProxyMapFile(string path, TimeProvider clock)
{
    /// <summary>Why the file could not be kept; empty when it can.</summary>
    public IReadOnlyList<string> Problems()
    {
        if (!File.Exists(path))
        {
            return [$"The map's file {path} is not on this host; set mapFile to its path here, or to none."];
        }

        try
        {
            File.Create(path + ".kum-try", 1, FileOptions.DeleteOnClose).Dispose();
            return [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [$"The agent's user cannot replace {path}: its directory must be writable."];
        }
    }

    /// <summary>Replaces the content, unless the file already holds a later epoch of the same upgrade: a shift that was overtaken by a restore must not win on disk.</summary>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.StepSuperseded"/>, or <see cref="FailureCodes.BalancerRefused"/> when the file cannot be written.</exception>
    public async Task ReplaceAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await using var turn = await FileTurn.TakeAsync(path + ".kum-lock", clock, cancellationToken);
            if (await TryReadAsync(cancellationToken) is { } kept)
            {
                RecordGuard.AdmitRestore(kept, record);
            }

            await KeptFile.ReplaceAsync(path, HAProxyMap.Write(record), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw TrafficFailures.NotDurable(path, exception);
        }
    }

    /// <summary>What the file holds; null when it is missing, cannot be read or is not understood.</summary>
    public async Task<ObservedTraffic?> TryReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return HAProxyMap.ReadFile(await File.ReadAllTextAsync(path, cancellationToken));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StepFailedException)
        {
            return null;
        }
    }
}

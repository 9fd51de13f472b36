using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

/// <summary>The server state file of the backend alone: what a HAProxy that starts or reloads takes the weights from.</summary>
internal sealed class WeightsStateFile(string path)
{
    /// <summary>Why the file could not be kept; empty when it can.</summary>
    public IReadOnlyList<string> Problems()
    {
        try
        {
            File.Create(path + ".kum-try", 1, FileOptions.DeleteOnClose).Dispose();
            return [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [$"The agent's user cannot replace {path}: its directory must be there and writable."];
        }
    }

    /// <summary>Replaces the content.</summary>
    /// <returns>This file.</returns>
    /// <exception cref="StepFailedException"><see cref="FailureCodes.BalancerRefused"/> when it cannot be written.</exception>
    public async Task<WeightsStateFile> ReplaceAsync(string content, CancellationToken cancellationToken)
    {
        try
        {
            await KeptFile.ReplaceAsync(path, content, cancellationToken);
            return this;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw TrafficFailures.NotDurable(path, exception);
        }
    }
}

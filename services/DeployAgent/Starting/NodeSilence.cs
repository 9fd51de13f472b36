using Polly.Timeout;
using Refit;

namespace KongUpgradeMesh.DeployAgent.Starting;

/// <summary>Tells an answer that did not come, or made no sense, from an error of ours.</summary>
internal static class NodeSilence
{
    /// <summary>Whether the node is to blame; a cancellation that we asked for is not the node's.</summary>
    public static bool Explains(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && exception is HttpRequestException or ApiException or ApiExceptionBase or TimeoutRejectedException or OperationCanceledException;
}

using Polly.Timeout;
using Refit;

namespace KongUpgradeMesh.Kong.Admin;

/// <summary>Tells an answer that did not come, or made no sense, from an error of ours.</summary>
public static class NodeSilence
{
    /// <summary>Whether the node is to blame; a cancellation that we asked for is not the node's.</summary>
    /// <param name="exception">What a client of <see cref="IKongApis"/> threw.</param>
    /// <param name="cancellationToken">The token that was given to the client.</param>
    public static bool Explains(Exception exception, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && exception is HttpRequestException or ApiException or ApiExceptionBase or TimeoutRejectedException or OperationCanceledException;
}

using Refit;

namespace KongUpgradeMesh.Kong.Admin;

/// <summary>Kong's Status API: what monitors may see, without any right to change.</summary>
public interface IKongStatusApi
{
    /// <summary>Whether the node reaches its database.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    [Get("/status")]
    Task<KongNodeStatus> GetStatusAsync(CancellationToken cancellationToken);

    /// <summary>200 when the node can serve, 503 when not, 404 before 3.3.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    [Get("/status/ready")]
    Task<IApiResponse> GetReadyAsync(CancellationToken cancellationToken);

    /// <summary>Metrics in Prometheus' text format.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    [Get("/metrics")]
    Task<string> GetMetricsAsync(CancellationToken cancellationToken);
}

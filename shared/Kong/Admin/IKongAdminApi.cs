using System.Text.Json;
using Refit;

namespace KongUpgradeMesh.Kong.Admin;

/// <summary>The part of Kong's Admin API that the product uses, 2.8 to 3.x.</summary>
public interface IKongAdminApi
{
    /// <summary>Version, effective configuration and plugins of the node.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    [Get("/")]
    Task<KongNodeInformation> GetNodeAsync(CancellationToken cancellationToken);

    /// <summary>Whether the node reaches its database; opens a real connection.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    [Get("/status")]
    Task<KongNodeStatus> GetStatusAsync(CancellationToken cancellationToken);

    /// <summary>One page of plugins, in order of their ids.</summary>
    /// <param name="size">Rows per page, 1 to 1000.</param>
    /// <param name="offset">From the page before; null for the first.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Get("/plugins")]
    Task<KongPage<KongPlugin>> GetPluginsAsync([Query] int size, [Query] string? offset, CancellationToken cancellationToken);

    /// <summary>One plugin.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Get("/plugins/{id}")]
    Task<KongPlugin> GetPluginAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Changes the named fields of a plugin and leaves all others; never used on cluster X.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="patch">The fields.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Patch("/plugins/{id}")]
    Task<KongPlugin> PatchPluginAsync(Guid id, [Body] JsonElement patch, CancellationToken cancellationToken);

    /// <summary>One page of any listing, in order of ids; 404 where the node does not know it. May hold secrets: never log it.</summary>
    /// <param name="collection">Path of the listing without the first slash, for example <c>consumers</c> or <c>upstreams/ID/targets</c>.</param>
    /// <param name="size">Rows per page, 1 to 1000.</param>
    /// <param name="offset">From the page before; null for the first.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Get("/{**collection}")]
    Task<IApiResponse<JsonElement>> ListAsync(string collection, [Query] int size, [Query] string? offset, CancellationToken cancellationToken);

    /// <summary>Metrics in Prometheus' text format.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    [Get("/metrics")]
    Task<string> GetMetricsAsync(CancellationToken cancellationToken);
}

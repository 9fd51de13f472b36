using System.Text.Json;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>Reads from X's Admin API how its rate limits count. Configuration is frozen during an upgrade, so once is enough.</summary>
/// <param name="apis">The clients.</param>
/// <param name="clock">Measures the time limit.</param>
/// <param name="logger">Hears of what could not be read.</param>
public sealed class LimitSurvey(IKongApis apis, TimeProvider clock, ILogger<LimitSurvey> logger)
{
    private const int PageSize = 1000;
    private static readonly TimeSpan InAll = TimeSpan.FromMinutes(1);

    /// <summary>Reads; what cannot be read is <see cref="RateLimits.Unknown"/>. Never throws but for cancellation.</summary>
    /// <param name="cluster">Cluster X.</param>
    /// <param name="upgradeId">For the log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<RateLimits> ReadAsync(ClusterSpec cluster, Guid upgradeId, CancellationToken cancellationToken)
    {
        using var bounded = new CancellationTokenSource(InAll, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, cancellationToken);
        try
        {
            var api = apis.Admin(cluster.Nodes[0].Admin);
            var limiters = new List<LimitCounting>();
            string? offset = null;
            do
            {
                var page = await api.GetPluginsAsync(PageSize, offset, linked.Token);
                limiters.AddRange(page.Data.Where(static p => p.Enabled).Select(Counting).OfType<LimitCounting>());
                offset = page.Offset;
            }
            while (offset is not null);
            return new RateLimits(limiters);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.LimitsNotRead(upgradeId, exception.GetType().Name);
            return RateLimits.Unknown;
        }
    }

    /// <summary>How a plugin counts; null when it is no rate limit.</summary>
    public static LimitCounting? Counting(KongPlugin plugin) => plugin.Name switch
    {
        "rate-limiting" or "response-ratelimiting" => Of(Text(plugin, "policy")),
        "rate-limiting-advanced" or "graphql-rate-limiting-advanced" or "ai-rate-limiting-advanced" => IsLocal(plugin) ? LimitCounting.Node : Of(Text(plugin, "strategy")),
        _ => null,
    };

    private static LimitCounting Of(string? policy) => policy switch
    {
        "redis" => LimitCounting.BothClusters,
        "cluster" => LimitCounting.Cluster,
        _ => LimitCounting.Node,
    };

    private static string? Text(KongPlugin plugin, string field) =>
        plugin.Config.ValueKind == JsonValueKind.Object && plugin.Config.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // A negative rate means that counters are never exchanged.
    private static bool IsLocal(KongPlugin plugin) =>
        plugin.Config.ValueKind == JsonValueKind.Object && plugin.Config.TryGetProperty("sync_rate", out var rate) && rate.ValueKind == JsonValueKind.Number && rate.GetDouble() < 0;
}

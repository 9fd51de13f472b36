using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Starting;

/// <summary>Switches on the request metrics that 3.x ships switched off; without them cluster Y could not be judged.</summary>
internal sealed class MetricsSwitch(IKongApis apis, TimeProvider clock)
{
    private const int PageSize = 1000;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string[] Switches = ["status_code_metrics", "latency_metrics", "bandwidth_metrics", "upstream_health_metrics"];

    private static readonly JsonElement AllOn = JsonSerializer.SerializeToElement(
        new Dictionary<string, object> { ["config"] = Switches.ToDictionary(static s => s, static _ => true) });

    /// <summary>The instances whose switches are not all on; empty before 3.0, which has no switches.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.ClusterUnreachable"/>.</exception>
    public Task<IReadOnlyList<Guid>> OffAsync(ClusterSpec cluster, CancellationToken cancellationToken) =>
        KongVersion.Parse(cluster.Version).Major < 3
            ? Task.FromResult<IReadOnlyList<Guid>>([])
            : AskAsync(cluster.Nodes[0], api => OffAsync(api, cancellationToken), cancellationToken);

    /// <summary>Switches the instances on and waits until every node sees it.</summary>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.ClusterUnreachable"/> or <see cref="FailureCodes.MonitorBlind"/>.</exception>
    public async Task TurnOnAsync(ClusterSpec cluster, IReadOnlyList<Guid> plugins, CancellationToken cancellationToken)
    {
        foreach (var plugin in plugins)
        {
            await AskAsync(cluster.Nodes[0], api => api.PatchPluginAsync(plugin, AllOn, cancellationToken), cancellationToken);
        }

        var started = clock.GetTimestamp();
        foreach (var node in cluster.Nodes)
        {
            while ((await AskAsync(node, api => OffAsync(api, cancellationToken), cancellationToken)).Count > 0)
            {
                if (clock.GetElapsedTime(started) > Patience)
                {
                    throw Blind(node);
                }

                await Task.Delay(Poll, clock, cancellationToken);
            }
        }
    }

    private static async Task<IReadOnlyList<Guid>> OffAsync(IKongAdminApi api, CancellationToken cancellationToken)
    {
        var off = new List<Guid>();
        string? offset = null;
        do
        {
            var page = await api.GetPluginsAsync(PageSize, offset, cancellationToken);
            off.AddRange(page.Data.Where(static p => p.Name == "prometheus" && p.Enabled && !IsOn(p.Config)).Select(static p => p.Id));
            offset = page.Offset;
        }
        while (offset is not null);
        return off;
    }

    private static bool IsOn(JsonElement config) => Switches.All(s => config.TryGetProperty(s, out var value) && value.ValueKind == JsonValueKind.True);

    private async Task<T> AskAsync<T>(NodeSpec node, Func<IKongAdminApi, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(apis.Admin(node.Admin));
        }
        catch (Exception exception) when (NodeSilence.Explains(exception, cancellationToken))
        {
            throw new StepFailedException(
                new Failure
                {
                    Code = FailureCodes.ClusterUnreachable,
                    Message = $"The Admin API of node {node.Name} of cluster Y did not answer as expected while metrics were switched on.",
                    Remedy = $"Check {node.Admin}plugins; then: kum retry.",
                    IsTransient = true,
                },
                exception);
        }
    }

    private static StepFailedException Blind(NodeSpec node) => new(new Failure
    {
        Code = FailureCodes.MonitorBlind,
        Message = $"Node {node.Name} does not take over the metric switches of the prometheus plugin.",
        Remedy = $"Compare {node.Admin}plugins with the other nodes; then: kum retry.",
    });
}

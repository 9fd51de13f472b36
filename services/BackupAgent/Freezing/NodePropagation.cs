using System.Globalization;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.Kong.Databases;
using Microsoft.Extensions.Logging;
using Npgsql;
using Polly.Timeout;
using Refit;

namespace KongUpgradeMesh.BackupAgent.Freezing;

/// <summary>Waits until every node of cluster X serves the configuration that was frozen.</summary>
/// <remarks>
/// The dump does not need this: behind the fence the tables no longer change, whatever a node has in its cache. What needs it is every later comparison
/// of X with Y. Y starts from the tables; a node of X that has not yet heard of the last change before the freeze answers differently, and Y would be blamed.
/// A node hears of a change when it next reads <c>cluster_events</c> (<c>db_update_frequency</c>, after <c>db_update_propagation</c>) and, unless
/// <c>worker_consistency</c> is strict, rebuilds its router up to <c>worker_state_update_frequency</c> later. So nothing is waited for when the newest
/// event is older than that, which is the rule on a quiet cluster.
/// Not covered: changes made by SQL, which write no event and which nodes notice only by a restart; and a node that cannot reach its database.
/// </remarks>
public sealed class NodePropagation(IKongApis apis, TimeProvider clock, ILogger<NodePropagation> logger)
{
    /// <summary>The longest wait, whatever nodes are configured to.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    // Kong's own defaults, for what a node does not tell.
    private const double UpdateFrequency = 5;
    private const double StateUpdateFrequency = 5;

    // Timers run late on a busy node; a rebuild takes a moment.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    /// <summary>Waits, if the newest change is young enough that a node may not have taken it up.</summary>
    /// <param name="upgradeId">For the log.</param>
    /// <param name="nodes">The nodes of cluster X.</param>
    /// <param name="connection">An open connection to cluster X's database, whose fence stands.</param>
    /// <param name="schema">Schema of Kong's tables.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task WaitAsync(Guid upgradeId, IReadOnlyList<NodeSpec> nodes, NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        var read = clock.GetTimestamp();
        if (await ClusterEvents.AgeOfNewestAsync(connection, schema, cancellationToken) is not { } age || age >= Longest)
        {
            return;
        }

        var cycles = await Task.WhenAll(nodes.Select(n => CycleAsync(n, nodes.Count == 1, cancellationToken)));
        var longest = cycles.Max();
        if (longest > Longest)
        {
            logger.PropagationCut(upgradeId, longest, Longest);
        }

        var rest = (longest < Longest ? longest : Longest) - age - clock.GetElapsedTime(read);
        if (rest > TimeSpan.Zero)
        {
            logger.PropagationAwaited(upgradeId, rest.TotalSeconds);
            await Task.Delay(rest, clock, cancellationToken);
        }
    }

    /// <summary>How long after a change the node is sure to serve it.</summary>
    /// <param name="node">What the node says of itself; null when it does not answer.</param>
    /// <param name="isAlone">Whether it is the only one: it knows of its own changes at once.</param>
    public static TimeSpan CycleOf(KongNodeInformation? node, bool isAlone)
    {
        var heard = isAlone ? 0 : Seconds(node, "db_update_frequency", UpdateFrequency) + Seconds(node, "db_update_propagation", 0);
        var rebuilt = node?.Setting("worker_consistency") == "strict" ? 0 : Seconds(node, "worker_state_update_frequency", StateUpdateFrequency);
        return heard + rebuilt > 0 ? TimeSpan.FromSeconds(Math.Min(heard + rebuilt, TimeSpan.FromDays(1).TotalSeconds)) + Margin : TimeSpan.Zero;
    }

    private async Task<TimeSpan> CycleAsync(NodeSpec node, bool isAlone, CancellationToken cancellationToken)
    {
        try
        {
            return CycleOf(await apis.Admin(node.Admin).GetNodeAsync(cancellationToken), isAlone);
        }
        catch (Exception exception) when (
            !cancellationToken.IsCancellationRequested
            && exception is HttpRequestException or ApiException or ApiExceptionBase or TimeoutRejectedException or OperationCanceledException)
        {
            return CycleOf(null, isAlone);
        }
    }

    private static double Seconds(KongNodeInformation? node, string key, double missing) =>
        double.TryParse(node?.Setting(key), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0 ? seconds : missing;
}

using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Do the nodes reach their databases? Kong goes on serving what is cached, so the status code alone does not show it.</summary>
public sealed class Datastore : IIndicator
{
    private const string Name = "datastore";

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        yield return JudgeSide("Y", observation.Y, observation.HasTrafficY ? Verdict.Failed : Verdict.Errored);
        if (observation.NeedsX)
        {
            yield return JudgeSide("X", observation.X, Verdict.Errored);
        }
    }

    private static Finding JudgeSide(string side, SideView view, Verdict whenAway)
    {
        var away = view.Nodes.Where(static n => n.DatabaseAwaySince is not null).ToArray();
        if (away.Any(static n => n.DatabaseAwayInRow >= 2))
        {
            return Finding.Of(
                Name, whenAway, $"Cluster {side}: {Names(away)} cannot reach the database.", badSince: away.Min(static n => n.DatabaseAwaySince));
        }

        if (away.Length > 0)
        {
            return Finding.Of(Name, Verdict.Inconclusive, $"Cluster {side}: {Names(away)} said once that the database is away.");
        }

        var silent = view.Nodes.Where(static n => n.DatabaseReachable is null).ToArray();
        return silent.Length > 0
            ? Finding.Of(Name, Verdict.Inconclusive, $"Cluster {side}: {Names(silent)} did not say whether the database is reachable.")
            : Finding.Of(Name, Verdict.Passed, $"Every node of cluster {side} reaches its database.");
    }

    private static string Names(IEnumerable<NodeState> nodes) => string.Join(", ", nodes.Take(5).Select(static n => n.Name));
}

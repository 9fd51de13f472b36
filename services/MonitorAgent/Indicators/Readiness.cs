using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Do the nodes serve? No ready node on Y while it has traffic is a hard stop.</summary>
public sealed class Readiness : IIndicator
{
    private const string Name = "ready-nodes";
    private static readonly TimeSpan DeadAfter = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var deadX = observation.NeedsX && IsDead(observation.X, observation);
        if (IsDead(observation.Y, observation))
        {
            yield return DeadY(observation, deadX);
        }
        else
        {
            yield return Living("Y", observation.Y, observation);
        }

        if (observation.NeedsX)
        {
            yield return deadX
                ? Finding.Of(Name, Verdict.Errored, $"No node of cluster X is ready: {Problems(observation.X)}.", x: 0)
                : Living("X", observation.X, observation);
        }
    }

    private static Finding DeadY(Observation observation, bool deadX)
    {
        if (deadX)
        {
            // When nothing answers, the monitor itself may be cut off; that says nothing about Y.
            return Finding.Of(Name, Verdict.Errored, "No node of either cluster answers the monitor.", x: 0, y: 0);
        }

        var hurts = observation.HasTrafficY;
        var since = observation.Y.Nodes.Max(static n => n.NotReadySince);
        return Finding.Of(Name, hurts ? Verdict.Failed : Verdict.Errored, $"No node of cluster Y is ready: {Problems(observation.Y)}.", y: 0, badSince: since);
    }

    private static Finding Living(string side, SideView view, Observation observation)
    {
        var ready = view.Nodes.Count(static n => n.Ready);
        var (x, y) = side == "X" ? ((double?)ready, (double?)null) : (null, ready);
        if (ready == view.Nodes.Count)
        {
            return Finding.Of(Name, Verdict.Passed, $"All {ready} nodes of cluster {side} are ready.", x, y);
        }

        var lasting = view.Nodes.Any(n => n.NotReadySince is { } since && observation.Elapsed - since > observation.Thresholds.BlindAfter);
        return Finding.Of(Name, lasting ? Verdict.Errored : Verdict.Inconclusive, $"{ready} of {view.Nodes.Count} nodes of cluster {side} are ready: {Problems(view)}.", x, y);
    }

    private static bool IsDead(SideView view, Observation observation)
    {
        var patience = observation.Thresholds.BlindAfter < DeadAfter ? observation.Thresholds.BlindAfter : DeadAfter;
        return view.Nodes.All(n => n is { Ready: false, NotReadyInRow: >= 2 } && n.NotReadySince is { } since && observation.Elapsed - since >= patience);
    }

    private static string Problems(SideView view) =>
        string.Join("; ", view.Nodes.Where(static n => !n.Ready).Take(5).Select(static n => $"{n.Name} {n.Problem ?? "not read yet"}"));
}

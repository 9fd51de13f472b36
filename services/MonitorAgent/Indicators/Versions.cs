using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Is each cluster the version it is taken for? Guards against comparing a cluster with itself, or with a wrong image.</summary>
public sealed class Versions : IIndicator
{
    private const string Name = "version";

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        yield return JudgeSide("Y", observation.Y, observation.VersionY, observation.HasTrafficY ? Verdict.Failed : Verdict.Errored, observation.Elapsed);
        if (observation.NeedsX)
        {
            yield return JudgeSide("X", observation.X, observation.VersionX, Verdict.Errored, observation.Elapsed);
        }
    }

    private static Finding JudgeSide(string side, SideView view, string expected, Verdict whenWrong, TimeSpan elapsed)
    {
        var wrong = view.Nodes.Where(n => n.Version is { } version && !Matches(expected, version)).ToArray();
        if (wrong.Length > 0)
        {
            return Finding.Of(Name, whenWrong, $"Cluster {side}: {wrong[0].Name} is version {wrong[0].Version}, the spec says {expected}.", badSince: elapsed);
        }

        return view.Nodes.All(static n => n.Version is not null)
            ? Finding.Of(Name, Verdict.Passed, $"Every node of cluster {side} is version {expected}.")
            : Finding.Of(Name, Verdict.Inconclusive, $"Not every node of cluster {side} has said its version.");
    }

    /// <summary>Enterprise adds a suffix: 3.4.3.5-enterprise-edition.</summary>
    private static bool Matches(string expected, string actual) =>
        actual == expected || actual.StartsWith(expected + "-", StringComparison.Ordinal);
}

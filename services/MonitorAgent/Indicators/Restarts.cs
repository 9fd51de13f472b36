using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Do the nodes of Y keep running? One restart may be anybody's; a node that does it again by itself is sick.</summary>
public sealed class Restarts : IIndicator
{
    private const string Name = "restarts";
    private const int Again = 2;
    private static readonly TimeSpan Probation = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var worst = observation.Y.Nodes.MaxBy(static n => n.Restarts);
        var ofX = observation.NeedsX ? observation.X.Nodes.Max(static n => n.Restarts) : 0;
        var (verdict, message) = worst switch
        {
            { Restarts: 0 } or null => (Verdict.Passed, "No node of cluster Y was restarted."),
            { Restarts: >= Again } when ofX >= worst.Restarts => (Verdict.Inconclusive, $"Nodes of both clusters are restarted again and again ({worst.Name} {worst.Restarts} times)."),
            { Restarts: >= Again } => (observation.HasTrafficY ? Verdict.Failed : Verdict.Errored, $"{worst.Name} of cluster Y was restarted {worst.Restarts} times since the step began, no node of X more than {ofX}."),
            { RestartedAt: { } at } when observation.Elapsed - at < Probation => (Verdict.Inconclusive, $"{worst.Name} of cluster Y was restarted {(observation.Elapsed - at).TotalSeconds:0} s ago."),
            _ => (Verdict.Passed, $"{worst.Name} of cluster Y was restarted once and has run since."),
        };
        yield return Finding.Of(Name, verdict, message, ofX, worst?.Restarts, verdict == Verdict.Failed ? worst!.RestartedAt : null);
    }
}

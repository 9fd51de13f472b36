using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Do the requests of the spec's choice come back from Y as they should? What fails on X as well is a shared cause and not Y's fault.</summary>
public sealed class Probes : IIndicator
{
    private const string Name = "probe";

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation) => observation.Thresholds.Probes.Select(p => Judge(observation, p));

    private static Finding Judge(Observation observation, ProbeSpec probe)
    {
        if (!observation.Probes.TryGetValue(probe.Name, out var state))
        {
            return Finding.Of(Name, Verdict.Inconclusive, $"Probe {probe.Name} has not been answered yet.");
        }

        var expected = $"expected {probe.ExpectStatus}";
        return state.Last switch
        {
            { ProblemY: null, ProblemX: null } => Finding.Of(Name, Verdict.Passed, $"Probe {probe.Name} is answered {probe.ExpectStatus}."),
            { ProblemY: null, ProblemX: { } x } => Finding.Of(Name, Verdict.Passed, $"Probe {probe.Name} holds on Y; on X {x}, {expected}."),
            { ProblemY: { } y, ProblemX: { } x } => Finding.Of(
                Name, Verdict.Inconclusive, $"Probe {probe.Name} fails on both clusters, a shared cause: on Y {y}, on X {x}, {expected}."),
            { ProblemY: { } y } when state.OnlyYInRow < probe.FailAfter => Finding.Of(
                Name, Verdict.Inconclusive, $"Probe {probe.Name} failed {state.OnlyYInRow} of {probe.FailAfter} times in a row on Y: {y}, {expected}."),
            { ProblemY: { } y } => Finding.Of(
                Name,
                observation.HasTrafficY ? Verdict.Failed : Verdict.Errored,
                $"Probe {probe.Name} failed {state.OnlyYInRow} times in a row on Y and held on X: {y}, {expected}.",
                badSince: state.OnlyYSince),
        };
    }
}

using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>One question asked of an observation. Pure and without memory.</summary>
public interface IIndicator
{
    /// <summary>Answers with at least one finding for each question that the spec asks; what cannot be answered is inconclusive or errored, never passed.</summary>
    IEnumerable<Finding> Judge(Observation observation);
}

using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.MonitorAgent.Sources;

/// <summary>Asks one node how it is. Says how to ask; what is made of the answer is the business of the indicators.</summary>
public interface IMetricSource
{
    /// <summary>Reads the node once, within its own time limit. Never throws but for cancellation: not to be readable is an answer too.</summary>
    /// <param name="node">The node.</param>
    /// <param name="timeout">The limit for the whole reading.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<NodeReading> ReadAsync(NodeSpec node, TimeSpan timeout, CancellationToken cancellationToken);
}

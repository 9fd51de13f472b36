namespace KongUpgradeMesh.MonitorAgent.Sources.Balancers;

/// <summary>Asks one load balancer what clients got from both clusters.</summary>
public interface IBalancerSource : IDisposable
{
    /// <summary>Reads it once, within its own time limit. Never throws but for cancellation: not to be readable is an answer too.</summary>
    Task<BalancerReading> ReadAsync(CancellationToken cancellationToken);
}

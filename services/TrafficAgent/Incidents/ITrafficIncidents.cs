using KongUpgradeMesh.Contracts.Traffic;

namespace KongUpgradeMesh.TrafficAgent.Incidents;

/// <summary>Tells the coordinator what happened to a split without its command.</summary>
public interface ITrafficIncidents
{
    /// <summary>Returns when the incident cannot be lost any more by a broker that is away.</summary>
    /// <param name="incident">What happened.</param>
    /// <param name="cancellationToken">Cancels the telling.</param>
    Task ReportAsync(TrafficIncident incident, CancellationToken cancellationToken);
}

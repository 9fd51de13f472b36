using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.Hosting.Agents;

namespace KongUpgradeMesh.TrafficAgent.Incidents;

/// <summary>Publishes each incident until the broker has taken it.</summary>
internal sealed class PublishedIncidents(IStepPublisher publisher) : ITrafficIncidents
{
    public Task ReportAsync(TrafficIncident incident, CancellationToken cancellationToken) => publisher.PublishAsync(incident, cancellationToken);
}

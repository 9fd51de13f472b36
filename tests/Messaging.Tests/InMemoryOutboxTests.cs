using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Messaging.Tests;

public sealed class InMemoryOutboxTests(Servers servers) : OutboxConformance(servers)
{
    protected override RabbitMqServer? RabbitMq => null;
}

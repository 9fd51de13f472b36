using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Messaging.Tests;

public sealed class RabbitMqOutboxTests(Servers servers) : OutboxConformance(servers)
{
    protected override RabbitMqServer? RabbitMq => Servers.RabbitMq;
}

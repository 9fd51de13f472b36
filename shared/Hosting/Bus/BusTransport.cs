namespace KongUpgradeMesh.Hosting.Bus;

/// <summary>What carries the messages.</summary>
public enum BusTransport
{
    /// <summary>RabbitMQ: quorum queues, publisher confirms. For everything that runs in more than one process.</summary>
    RabbitMq,

    /// <summary>MassTransit's in-memory transport: all modules in one process.</summary>
    InMemory,
}

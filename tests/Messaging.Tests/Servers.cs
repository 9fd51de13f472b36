using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Messaging.Tests;

[assembly: AssemblyFixture(typeof(Servers))]
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]

namespace KongUpgradeMesh.Messaging.Tests;

/// <summary>One PostgreSQL and one RabbitMQ for all tests; each test has its own database and queue names.</summary>
public sealed class Servers : IAsyncLifetime
{
    public PostgresServer Postgres { get; private set; } = null!;

    public RabbitMqServer RabbitMq { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var postgres = PostgresServer.StartAsync();
        var rabbitMq = RabbitMqServer.StartAsync();
        Postgres = await postgres;
        RabbitMq = await rabbitMq;
    }

    public async ValueTask DisposeAsync()
    {
        await RabbitMq.DisposeAsync();
        await Postgres.DisposeAsync();
    }
}

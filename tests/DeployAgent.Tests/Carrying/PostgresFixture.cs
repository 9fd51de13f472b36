using KongUpgradeMesh.Lab.Servers;

[assembly: AssemblyFixture(typeof(KongUpgradeMesh.DeployAgent.Tests.Carrying.PostgresFixture))]

namespace KongUpgradeMesh.DeployAgent.Tests.Carrying;

/// <summary>One private PostgreSQL server, started when the first test asks for it.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(static () => PostgresServer.StartAsync());

    public Task<PostgresServer> ServerAsync() => _server.Value;

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}

using KongUpgradeMesh.Lab.Servers;

[assembly: AssemblyFixture(typeof(KongUpgradeMesh.Tests.Databases.PostgresFixture))]

namespace KongUpgradeMesh.Tests.Databases;

/// <summary>One private PostgreSQL server, started when the first test asks for it.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> _server = new(static () => PostgresServer.StartAsync());

    public Task<PostgresServer> ServerAsync() => _server.Value;

    public async Task<SmallKong> KongAsync(string? prefix = null) => await SmallKong.CreateAsync(await ServerAsync(), prefix);

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            await (await _server.Value).DisposeAsync();
        }
    }
}

using KongUpgradeMesh.Messaging.Schema;
using KongUpgradeMesh.Messaging.Tests.Orders;
using Microsoft.Extensions.DependencyInjection;

namespace KongUpgradeMesh.Messaging.Tests;

public sealed class SchemaMigratorTests(Servers servers)
{
    [Fact]
    public async Task Lets_several_processes_start_at_once_on_an_empty_database()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        var settings = new OrderHostSettings(database.ConnectionString, new OrderQueues("schema"), new Arrivals());
        var hosts = Enumerable.Range(0, 4).Select(_ => OrderHost.Build(settings)).ToList();

        await Task.WhenAll(hosts.Select(host => host.StartAsync()));
        await Task.WhenAll(hosts.Select(host => host.Services.GetRequiredService<ISchemaMigrator>().WhenReadyAsync(TestContext.Current.CancellationToken)))
            .WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);

        Assert.Equal(2, await database.CountAsync("kum.schema_versions"));
        Assert.Equal("KongUpgradeMesh.Messaging.Schema.0001-messaging.sql", await database.ReadAsync<string>("SELECT scriptname FROM kum.schema_versions ORDER BY schemaversionsid LIMIT 1"));
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task Puts_the_tables_into_the_configured_schema()
    {
        var database = await OrderDatabase.CreateAsync(servers);
        var settings = new OrderHostSettings(database.ConnectionString, new OrderQueues("schema"), new Arrivals()) { Configure = options => options.Schema = "other" };

        await using var host = await OrderHost.StartAsync(settings);

        Assert.Equal(0, await database.CountAsync("other.outbox"));
        Assert.Equal(0, await database.CountAsync("information_schema.schemata WHERE schema_name = 'kum'"));
    }
}

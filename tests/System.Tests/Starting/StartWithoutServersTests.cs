using System.Net;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.System.Tests.Mesh;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.System.Tests.Starting;

public sealed class StartWithoutServersTests
{
    // What counts is that it answers at all while nothing is there; on a loaded machine a process alone may take half a minute to listen.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_coordinator_without_broker_and_database_waits_says_so_and_becomes_ready_when_they_come()
    {
        var ports = LoopbackPorts.Take(3);
        await using var coordinator = new ServiceProcess("coordinator", "Coordinator", ports[0], new Dictionary<string, string?>
        {
            ["KUM_Bus__Host"] = "127.0.0.1",
            ["KUM_Bus__Port"] = ports[1].ToString(),
            ["KUM_Bus__VirtualHost"] = RabbitMqServer.VirtualHost,
            ["KUM_Bus__User"] = RabbitMqServer.User,
            ["KUM_BUS_PASSWORD"] = RabbitMqServer.Password,
            ["KUM_Messaging__ConnectionString"] = $"Host=127.0.0.1;Port={ports[2]};Username={PostgresServer.User};Database=postgres",
        });
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        coordinator.Start();
        var (status, report) = await Eventually.ReachesAsync("an answer", () => AskAsync(http, coordinator), answer => answer.Status is not null, Patience);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("messaging", report);
        Assert.Contains("masstransit-bus", report);

        await using var postgres = await PostgresServer.StartAsync(port: ports[2]);
        await using var broker = await RabbitMqServer.StartAsync(port: ports[1]);
        await coordinator.AwaitReadyAsync(http);
    }

    private static async Task<(HttpStatusCode? Status, string Report)> AskAsync(HttpClient http, ServiceProcess service)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(service.Address, "/health/ready"));
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return (null, "");
        }
    }
}

using System.Net;
using System.Text;
using System.Text.Json;
using KongUpgradeMesh.BackupAgent.Freezing;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.Tests.Databases;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KongUpgradeMesh.Tests.BackupAgent;

public sealed class NodePropagationTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("""{"db_update_frequency":5,"db_update_propagation":0,"worker_consistency":"strict","worker_state_update_frequency":5}""", false, 7)]
    [InlineData("""{"db_update_frequency":5,"db_update_propagation":3,"worker_consistency":"eventual","worker_state_update_frequency":4}""", false, 14)]
    [InlineData("""{"db_update_frequency":"0.5","worker_consistency":"eventual","worker_state_update_frequency":1}""", false, 3.5)]
    [InlineData("""{"db_update_frequency":5,"worker_consistency":"strict"}""", true, 0)]
    [InlineData("""{"db_update_frequency":5,"worker_consistency":"eventual","worker_state_update_frequency":5}""", true, 7)]
    [InlineData("{}", false, 12)]
    [InlineData(null, false, 12)]
    public void Knows_when_a_node_has_taken_up_a_change(string? configuration, bool isAlone, double seconds)
    {
        var node = configuration is null ? null : new KongNodeInformation
        {
            Version = "3.4.2",
            Configuration = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(configuration)!,
        };
        Assert.Equal(seconds, NodePropagation.CycleOf(node, isAlone).TotalSeconds);
    }

    [Fact]
    public async Task Waits_for_a_young_change_until_the_slowest_node_serves_it()
    {
        var kong = await postgres.KongAsync();
        await kong.RunAsync("UPDATE cluster_events SET at = clock_timestamp()");
        await using var connection = await kong.OpenAsync();
        var clock = new FakeTimeProvider();
        using var admin = new AdminRoot("""{"version":"3.4.2","configuration":{"db_update_frequency":20,"worker_consistency":"strict"}}""");
        var silent = LoopbackPorts.Take();
        var waiting = Subject(clock).WaitAsync(Guid.Empty, [Node(admin.Port), Node(silent)], connection, "public", CancellationToken.None);

        await Eventually.HoldsAsync("the node was asked", () => Task.FromResult(admin.Asked));
        clock.Advance(TimeSpan.FromSeconds(13)); // enough for the silent node by Kong's defaults, not for the slow one
        Assert.False(waiting.IsCompleted);
        await Eventually.HoldsAsync("the wait ends", () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(waiting.IsCompleted);
        });
        await waiting;
    }

    [Theory]
    [InlineData("NULL")]
    [InlineData("clock_timestamp() - interval '2 minutes'")]
    public async Task Waits_for_nothing_on_a_quiet_cluster(string newest)
    {
        var kong = await postgres.KongAsync();
        await kong.RunAsync($"UPDATE cluster_events SET at = {newest}");
        await using var connection = await kong.OpenAsync();
        await Subject(new FakeTimeProvider()).WaitAsync(Guid.Empty, [Node(1)], connection, "public", CancellationToken.None);
    }

    private static NodePropagation Subject(TimeProvider clock) => new(
        new ServiceCollection().AddKongApis().BuildServiceProvider().GetRequiredService<IKongApis>(), clock, NullLogger<NodePropagation>.Instance);

    private static NodeSpec Node(int port) => new() { Name = $"n{port}", Prefix = "/none", Proxy = new Uri("http://127.0.0.1:1"), Admin = new Uri($"http://127.0.0.1:{port}") };

    /// <summary>Answers every request like an Admin API asked for its root.</summary>
    private sealed class AdminRoot : IDisposable
    {
        private readonly HttpListener _listener = new();

        public AdminRoot(string body)
        {
            Port = LoopbackPorts.Take();
            _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
            _listener.Start();
            _ = AnswerAsync(body);
        }

        public int Port { get; }

        public bool Asked { get; private set; }

        public void Dispose() => _listener.Close();

        private async Task AnswerAsync(string body)
        {
            var context = await _listener.GetContextAsync();
            context.Response.ContentType = "application/json";
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
            context.Response.Close();
            Asked = true;
        }
    }
}

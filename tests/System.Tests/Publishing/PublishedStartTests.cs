using System.Text.Json;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Lab.Demo.Specs;
using KongUpgradeMesh.System.Tests.Mesh;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.System.Tests.Publishing;

/// <summary>Starts that other systems publish as plain JSON, over a real broker.</summary>
[Collection("mesh of processes")]
public sealed class PublishedStartTests
{
    private static readonly LabPacing Pacing = new() { Steps = [50, 100], Dwell = TimeSpan.FromSeconds(3), Soak = TimeSpan.FromSeconds(2), AfterWatch = TimeSpan.FromSeconds(2), DecideWithin = TimeSpan.FromMinutes(3) };
    private static readonly string[] WrongPaths = ["spec.backup.directory", "spec.cluster", "spec.from.version", "spec.to.database.port", "spec.traffic.steps[1]"];

    [Fact]
    public async Task Plain_json_behind_a_broken_message_runs_to_its_end_and_a_repeat_starts_nothing()
    {
        await using var mesh = await MeshOfProcesses.StartAsync("eu1");
        await using var events = await EventListener.StartAsync(mesh.Broker);
        var publisher = new ForeignPublisher(mesh.Broker);
        var body = "";
        await using var upgrade = await LabUpgrade.StartAsync(mesh, "published", "eu1", 60, Pacing, start: async environment =>
        {
            body = JsonSerializer.Serialize(new { requestId = "pipeline-17", requestedBy = "pipeline", spec = SpecFile.ToJson(environment.Spec) });
            await publisher.PublishAsync("""{"requestId": "broken", "spec": {""");
            await publisher.PublishAsync(body);
            var listed = await Eventually.ReachesAsync("the published upgrade", () => ListAsync(mesh), static l => l.Count > 0);
            return listed[0].UpgradeId;
        });

        await publisher.PublishAsync(body);
        await Eventually.HoldsAsync("an answer to each of both", () => Task.FromResult(events.Heard("UpgradeAccepted", "pipeline-17").Count >= 2));
        await upgrade.AssertCompletedAsync(TimeSpan.FromMinutes(4));

        Assert.All(events.Heard("UpgradeAccepted", "pipeline-17"), answer => Assert.Equal(upgrade.UpgradeId, answer.GetProperty("upgradeId").GetGuid()));
        var only = Assert.Single(await ListAsync(mesh));
        Assert.Equal(("pipeline-17", "pipeline", UpgradeOutcome.Completed), (only.RequestId, only.RequestedBy, only.Outcome));
    }

    [Fact]
    public async Task A_spec_wrong_in_five_places_is_refused_by_one_event_that_lists_them_all()
    {
        await using var mesh = await MeshOfProcesses.StartAsync("eu1");
        await using var events = await EventListener.StartAsync(mesh.Broker);
        var publisher = new ForeignPublisher(mesh.Broker);
        await publisher.PublishAsync(Wrong("wrong-1"));
        await Eventually.HoldsAsync("the refusal", () => Task.FromResult(events.Heard("UpgradeRefused", "wrong-1").Count > 0));

        // When a later request has been answered, a second answer to the first would have come.
        await publisher.PublishAsync(Wrong("wrong-2"));
        await Eventually.HoldsAsync("the second refusal", () => Task.FromResult(events.Heard("UpgradeRefused", "wrong-2").Count > 0));

        var refusal = Assert.Single(events.Heard("UpgradeRefused", "wrong-1"));
        Assert.Equal(WrongPaths, refusal.GetProperty("problems").EnumerateArray().Select(static p => p.GetProperty("path").GetString()).Order(StringComparer.Ordinal));
        Assert.Empty(await ListAsync(mesh));
    }

    private static Task<IReadOnlyList<UpgradeView>> ListAsync(MeshOfProcesses mesh) =>
        mesh.Client.CallAsync(api => api.ListAsync(null, null, CancellationToken.None), CancellationToken.None);

    private static string Wrong(string requestId) =>
        $$"""
        {
          "requestId": "{{requestId}}",
          "spec": {
            "cluster": "Not A Name", "datacenter": "eu1",
            "from": {
              "version": "two", "database": { "host": "127.0.0.1", "name": "kong_x", "user": "kong" }, "deployment": { "executable": "/opt/x/kong" },
              "nodes": [{ "name": "x-1", "prefix": "/srv/x", "proxy": "http://127.0.0.1:8000", "admin": "http://127.0.0.1:8001" }]
            },
            "to": {
              "version": "3.4.2", "database": { "host": "127.0.0.1", "port": 70000, "name": "kong_y", "user": "kong" }, "deployment": { "executable": "/opt/y/kong" },
              "nodes": [{ "name": "y-1", "prefix": "/srv/y", "proxy": "http://127.0.0.1:9000", "admin": "http://127.0.0.1:9001" }]
            },
            "backup": { "directory": "relative" },
            "traffic": { "driver": "haproxy", "settings": {}, "steps": [10, 5, 100] }
          }
        }
        """;
}

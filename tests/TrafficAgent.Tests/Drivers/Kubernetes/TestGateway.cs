using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers.Kubernetes;

/// <summary>A gateway controller as small as can be: watches one object, leads a real HAProxy by it where one is given, and then reports in the object's status that it does.</summary>
public sealed class TestGateway : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly HAProxyTestBalancer? _haproxy;
    private readonly string _collection;
    private readonly string _name;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private TestGateway(HttpClient http, HAProxyTestBalancer? haproxy, string collection, string name)
    {
        (_http, _haproxy, _collection, _name) = (http, haproxy, collection, name);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Where clients connect.</summary>
    public int FrontendPort => _haproxy!.FrontendPort;

    /// <summary>Whether changes are left alone, as by a controller that is down.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>A Service that does not exist.</summary>
    public string? Missing { get; set; }

    /// <summary>With a data plane.</summary>
    public static async Task<TestGateway> StartAsync(KubernetesBench bench, EchoBackend x, EchoBackend y) =>
        new(bench.Server.CreateClient("admin"), await HAProxyTestBalancer.StartAsync(x, y), bench.Collection, bench.Settings["name"]);

    /// <summary>Only reports.</summary>
    public static TestGateway Start(KubernetesBench bench) => new(bench.Server.CreateClient("admin"), null, bench.Collection, bench.Settings["name"]);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        if (_haproxy is not null)
        {
            await _haproxy.DisposeAsync();
        }

        _http.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await FollowAsync();
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
            {
                // The API server is away, or this is the end.
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FollowAsync()
    {
        using var response = await _http.GetAsync($"{_collection}?watch=true&fieldSelector=metadata.name={_name}", HttpCompletionOption.ResponseHeadersRead, _stop.Token);
        using var lines = new StreamReader(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(_stop.Token));
        while (await lines.ReadLineAsync(_stop.Token) is { } line)
        {
            if (!IsDeaf)
            {
                await ReconcileAsync(JsonNode.Parse(line)!["object"]!);
            }
        }
    }

    private async Task ReconcileAsync(JsonNode content)
    {
        if ((long?)content["metadata"]!["generation"] is not { } generation)
        {
            return; // Services have none, and nobody reports on them.
        }

        var before = content["status"]?["parents"]?[0]?["conditions"] ?? content["status"]?["conditions"];
        if ((long?)before?[0]?["observedGeneration"] == generation)
        {
            return; // Only the status has changed, by our own hand.
        }

        await (_haproxy is null ? Task.CompletedTask : LeadAsync(_haproxy, Backends(content)));
        var status = content["spec"]!["parentRefs"] is JsonArray parents
            ? new JsonObject { ["parents"] = new JsonArray([.. parents.Select(p => (JsonNode)Answer(content, p!, generation))]) }
            : new JsonObject { ["conditions"] = new JsonArray(Condition("Valid", true, generation)) };
        using var body = new StringContent(new JsonObject { ["status"] = status }.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/merge-patch+json"));
        (await _http.PatchAsync($"{_collection}/{_name}/status", body, _stop.Token)).EnsureSuccessStatusCode();
    }

    private JsonObject Answer(JsonNode content, JsonNode parent, long generation) => new JsonObject
    {
        ["controllerName"] = "kum.test/gateway",
        ["parentRef"] = parent.DeepClone(),
        ["conditions"] = new JsonArray(Condition("Accepted", true, generation), Condition("ResolvedRefs", Backends(content).All(b => (string?)b!["name"] != Missing), generation)),
    };

    private static Task LeadAsync(HAProxyTestBalancer haproxy, JsonArray backends)
    {
        var sum = backends.Sum(static b => (double)b!["weight"]!);
        var y = backends.Where(static b => (string?)b!["name"] == KubernetesTestBalancer.BackendY).Sum(static b => (double)b!["weight"]!);
        return sum > 0 ? haproxy.ChangeByHandAsync((int)Math.Round(y * 100 / sum)) : Task.CompletedTask;
    }

    private static JsonArray Backends(JsonNode content) => content["spec"]!["rules"]![0]!["backendRefs"]!.AsArray();

    private static JsonObject Condition(string type, bool holds, long generation) => new()
    {
        ["type"] = type,
        ["status"] = holds ? "True" : "False",
        ["reason"] = holds ? type : "BackendNotFound",
        ["message"] = "",
        ["observedGeneration"] = generation,
        ["lastTransitionTime"] = "2026-01-01T00:00:00Z",
    };
}

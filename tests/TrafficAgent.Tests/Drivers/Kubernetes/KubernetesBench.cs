using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.Lab.StandInKubernetes;
using KongUpgradeMesh.Lab.StandInKubernetes.Access;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers.Kubernetes;

/// <summary>An API server with one object, and the account that the documentation gives to the agent.</summary>
public sealed class KubernetesBench : IAsyncDisposable
{
    private const string AgentToken = "agent-token";
    private readonly string _directory;
    private readonly KubernetesTrafficDriverFactory _factory = new(TimeProvider.System);

    private KubernetesBench(string directory, ApiServer server, string preset, JsonObject manifest)
    {
        (_directory, Server) = (directory, server);
        var metadata = manifest["metadata"]!;
        var (space, name) = ((string)metadata["namespace"]!, (string)metadata["name"]!);
        Collection = $"{((string)manifest["apiVersion"]! == "v1" ? "api" : "apis")}/{manifest["apiVersion"]}/namespaces/{space}/{KubernetesDocument.Resources[preset].Resource}";
        Path = $"{Collection}/{name}";
        Settings = new Dictionary<string, string>
        {
            ["preset"] = preset,
            ["namespace"] = space,
            ["name"] = name,
            ["backendX"] = KubernetesTestBalancer.BackendX,
            ["backendY"] = KubernetesTestBalancer.BackendY,
            ["server"] = server.Address.ToString(),
            ["tokenFile"] = TokenFile,
            ["caFile"] = System.IO.Path.Combine(directory, "ca.crt"),
            ["timeout"] = "20s",
            ["settle"] = "30s",
        };
        Admin = server.CreateClient("admin");
    }

    public ApiServer Server { get; }

    /// <summary>Does what people and other programs do.</summary>
    public HttpClient Admin { get; }

    public string Collection { get; }

    public string Path { get; }

    public Dictionary<string, string> Settings { get; }

    public string TokenFile => System.IO.Path.Combine(_directory, "token");

    public ITrafficDriverFactory Factory => _factory;

    /// <param name="preset">Which preset, and which manifest of the documentation.</param>
    /// <param name="change">Changes the manifest before it is created.</param>
    /// <param name="rule">What the agent may do; null for what the documentation grants.</param>
    public static async Task<KubernetesBench> StartAsync(string preset, Action<JsonObject>? change = null, AccessRule? rule = null)
    {
        var manifest = KubernetesDocument.Manifest(preset);
        change?.Invoke(manifest);
        var directory = Directory.CreateTempSubdirectory("kum-kubernetes-").FullName;
        Account[] accounts = [new("admin", "kubernetes-admin", [AccessRule.Everything]),
            new(AgentToken, "system:serviceaccount:kum:kum-traffic-agent", [rule ?? KubernetesDocument.Grant(preset)])];
        var server = await ApiServer.StartAsync(new ApiServerLayout { Port = LoopbackPorts.Take(), Accounts = accounts }, TimeProvider.System);
        await File.WriteAllTextAsync(System.IO.Path.Combine(directory, "ca.crt"), server.AuthorityPem);
        var bench = new KubernetesBench(directory, server, preset, manifest);
        await File.WriteAllTextAsync(bench.TokenFile, AgentToken + "\n");
        using var body = new StringContent(manifest.ToJsonString(), Encoding.UTF8, "application/json");
        using var created = await bench.Admin.PostAsync(bench.Collection, body);
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync());
        return bench;
    }

    /// <summary>A driver with other settings on top.</summary>
    public ITrafficDriver Driver(params (string Key, string Value)[] changes)
    {
        var settings = new Dictionary<string, string>(Settings);
        foreach (var (key, value) in changes)
        {
            settings[key] = value;
        }

        return Factory.Create(new DriverSettings(settings));
    }

    public async Task<JsonNode> GetAsync() => JsonNode.Parse(await Admin.GetStringAsync(Path))!;

    /// <summary>Edits the object by a JSON Patch, as <c>kubectl patch --type=json</c> does.</summary>
    public async Task EditAsync(params (string Op, string Path, JsonNode? Value)[] operations)
    {
        var patch = new JsonArray([.. operations.Select(static o =>
        {
            var operation = new JsonObject { ["op"] = o.Op, ["path"] = o.Path };
            if (o.Op != "remove")
            {
                operation["value"] = o.Value;
            }

            return (JsonNode)operation;
        })]);
        using var content = new StringContent(patch.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json-patch+json"));
        using var response = await Admin.PatchAsync(Path, content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        _factory.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}

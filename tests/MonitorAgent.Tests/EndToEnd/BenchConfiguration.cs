using System.Text.Json.Nodes;
using KongUpgradeMesh.Lab.Demo.Configuration;
using KongUpgradeMesh.Lab.Load;

namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>What both clusters are configured with, and the clients that ask for it.</summary>
internal static class BenchConfiguration
{
    /// <summary>The open route that a case loses.</summary>
    public const string CatalogRoute = "catalog-list";

    /// <summary>Requests a second that each node lets through on the limited route.</summary>
    private const int LimitPerSecond = 5;

    private static readonly string[] Applications = [.. Enumerable.Range(1, 40).Select(static i => $"app-{i:000}")];
    private static readonly string[] Guests = [.. Enumerable.Range(1, 200).Select(static i => $"guest-{i:000}")];

    /// <summary>Clients with an API key.</summary>
    public static IReadOnlyList<LoadClient> KeyClients { get; } = [.. Applications.Select(static a => Client(a, "apikey", KeyOf(a)))];

    /// <summary>Clients without any credential.</summary>
    public static IReadOnlyList<LoadClient> OpenClients { get; } = [.. Guests.Select(static g => Client(g, "X-Client-Id", g))];

    /// <summary>What clients with a key ask for.</summary>
    public static IReadOnlyList<LoadRequest> KeyRequests { get; } = [new() { Path = "/orders" }, new() { Path = "/invoices" }];

    /// <summary>What clients without one ask for.</summary>
    public static IReadOnlyList<LoadRequest> OpenRequests { get; } = [new() { Path = "/catalog" }, new() { Path = "/images" }];

    /// <summary>What runs into the limit.</summary>
    public static IReadOnlyList<LoadRequest> LimitedRequests { get; } = [new() { Path = "/search", Expected = [200, 429] }];

    /// <summary>The writes that create it.</summary>
    /// <param name="is3">Whether Kong 3 takes them, which counts nothing until told to.</param>
    /// <param name="upstream">Where all services end.</param>
    public static IReadOnlyList<AdminWrite> Writes(bool is3, Uri upstream) =>
    [
        .. Service("orders", upstream, "orders-list", "/orders"),
        .. Service("invoices", upstream, "invoices-list", "/invoices"),
        .. Service("catalog", upstream, CatalogRoute, "/catalog"),
        .. Service("images", upstream, "images-list", "/images"),
        .. Service("search", upstream, "search-list", "/search"),
        new("services/orders/plugins", new() { ["name"] = "key-auth" }),
        new("services/invoices/plugins", new() { ["name"] = "key-auth" }),

        // Each node counts for itself and for all clients together: the more of them are on a cluster, the more of them it must refuse.
        new("services/search/plugins", new() { ["name"] = "rate-limiting", ["config"] = new JsonObject { ["second"] = LimitPerSecond, ["limit_by"] = "service", ["policy"] = "local" } }),
        new("plugins", is3
            ? new() { ["name"] = "prometheus", ["config"] = new JsonObject { ["status_code_metrics"] = true, ["latency_metrics"] = true } }
            : new() { ["name"] = "prometheus" }),
        .. Applications.Select(static a => new AdminWrite("consumers", new() { ["username"] = a })),
        .. Applications.Select(static a => new AdminWrite($"consumers/{a}/key-auth", new() { ["key"] = KeyOf(a) })),
    ];

    private static IEnumerable<AdminWrite> Service(string name, Uri upstream, string route, string path)
    {
        yield return new("services", new() { ["name"] = name, ["host"] = upstream.Host, ["port"] = upstream.Port, ["protocol"] = "http", ["path"] = "/" + name });
        yield return new($"services/{name}/routes", new() { ["name"] = route, ["paths"] = new JsonArray(path) });
    }

    private static LoadClient Client(string name, string header, string value) => new(name, new Dictionary<string, string> { [header] = value });

    private static string KeyOf(string application) => $"bench-apikey-of-{application}";
}

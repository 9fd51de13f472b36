using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.Demo.Configuration;

/// <summary>A configuration as a small company has it, valid for Kong 2.8 up to 3.9: services, routes of every kind, credentials, limits.</summary>
public static class SampleConfiguration
{
    // High enough that no client of the lab is ever limited: a 429 would be a split's doing and hide what is looked for.
    private const int RequestsPerMinute = 1_000_000;

    /// <summary>Name of the service whose row the freeze is probed with.</summary>
    public const string ProbedService = "catalog";

    /// <summary>How often a service is tried again.</summary>
    public const int Retries = 2;

    /// <summary>The writes that create it, in order.</summary>
    /// <param name="kong">Version of the Kong that takes them; decides how a regular expression in a path is written.</param>
    /// <param name="upstreams">Where the services' requests end, two addresses <c>host:port</c>.</param>
    public static IReadOnlyList<AdminWrite> For(Version kong, (string First, string Second) upstreams) =>
    [
        .. Upstream(upstreams),
        .. Services(upstreams.First),
        .. Routes(kong),
        .. Clients(),
        .. Plugins(kong),
    ];

    private static IEnumerable<AdminWrite> Upstream((string First, string Second) targets)
    {
        yield return new("upstreams", new() { ["name"] = "orders.internal" });
        yield return new("upstreams/orders.internal/targets", new() { ["target"] = targets.First, ["weight"] = 100 });
        yield return new("upstreams/orders.internal/targets", new() { ["target"] = targets.Second, ["weight"] = 100 });
    }

    private static IEnumerable<AdminWrite> Services(string address)
    {
        var colon = address.LastIndexOf(':');
        var (host, port) = (address[..colon], int.Parse(address[(colon + 1)..]));
        yield return new("services", new() { ["name"] = "orders", ["host"] = "orders.internal", ["port"] = 80, ["protocol"] = "http", ["tags"] = Texts("shop") });
        foreach (var name in (string[])["customers", ProbedService, "payments", "search", "reports", "partners", "legacy"])
        {
            yield return new("services", new()
            {
                ["name"] = name,
                ["host"] = host,
                ["port"] = port,
                ["protocol"] = "http",
                ["path"] = "/" + name,
                ["retries"] = Retries,
                ["tags"] = Texts(name is "search" or ProbedService ? "public" : "internal"),
            });
        }
    }

    private static IEnumerable<AdminWrite> Routes(Version kong)
    {
        // Until 2.8 a path with an expression's signs is an expression; 3.x wants it marked.
        string Expression(string path) => kong.Major >= 3 ? "~" + path : path;

        yield return Route("orders", "orders-list", ["/orders"], methods: ["GET", "HEAD"]);
        yield return Route("orders", "orders-create", ["/orders"], methods: ["POST"]);
        yield return Route("orders", "orders-lines", [Expression("/orders/\\d+/lines")], methods: ["GET"], priority: 10);
        yield return Route("orders", "orders-v2", ["/v2/orders"], stripPath: false);
        yield return Route("customers", "customers", ["/customers"]);
        yield return Route("customers", "customers-export", ["/customers/export"], methods: ["GET"]);
        yield return Route(ProbedService, "catalog", ["/catalog"]);
        yield return Route(ProbedService, "catalog-images", ["/catalog/images", "/images"]);
        yield return Route(ProbedService, "catalog-shop", ["/"], hosts: ["shop.example.test"]);
        yield return Route("payments", "payments", ["/payments"]);
        yield return Route("payments", "payments-refunds", ["/payments/refunds"], methods: ["POST"]);
        yield return Route("search", "search", ["/search"]);
        yield return Route("search", "search-suggest", [Expression("/search/[a-z]+/suggest")], priority: 5);
        yield return Route("search", "search-host", ["/find"], hosts: ["search.example.test", "find.example.test"]);
        yield return Route("reports", "reports", ["/reports"], methods: ["GET"]);
        yield return Route("reports", "reports-monthly", [Expression("/reports/\\d{4}-\\d{2}")], methods: ["GET"], priority: 20);
        yield return Route("partners", "partners", ["/partners"]);
        yield return Route("partners", "partners-host", ["/"], hosts: ["*.partners.example.test"]);
        yield return Route("legacy", "legacy-maintenance", ["/legacy"]);
        yield return Route("legacy", "legacy-status", ["/legacy/status"], methods: ["GET"]);
    }

    private static IEnumerable<AdminWrite> Clients()
    {
        foreach (var application in SampleClients.Applications)
        {
            yield return new("consumers", new() { ["username"] = application, ["tags"] = Texts("application") });
            yield return new($"consumers/{application}/key-auth", new() { ["key"] = SampleClients.Key(application) });
        }

        foreach (var partner in SampleClients.Partners)
        {
            yield return new("consumers", new() { ["username"] = partner, ["custom_id"] = "crm-" + partner });
            yield return new($"consumers/{partner}/basic-auth", new() { ["username"] = partner, ["password"] = SampleClients.Password(partner) });
        }

        foreach (var payer in SampleClients.Payers)
        {
            yield return new($"consumers/{payer}/acls", new() { ["group"] = SampleClients.PayersGroup });
        }

        foreach (var member in SampleClients.Staff)
        {
            yield return new($"consumers/{member}/acls", new() { ["group"] = SampleClients.StaffGroup });
        }
    }

    private static IEnumerable<AdminWrite> Plugins(Version kong)
    {
        foreach (var service in (string[])["orders", "payments", "reports"])
        {
            yield return Plugin($"services/{service}", "key-auth", new() { ["key_names"] = Texts("apikey"), ["hide_credentials"] = false });
        }

        foreach (var service in (string[])["customers", "partners"])
        {
            yield return Plugin($"services/{service}", "basic-auth", new() { ["hide_credentials"] = true });
        }

        yield return Plugin("services/payments", "acl", new() { ["allow"] = Texts(SampleClients.PayersGroup) });
        yield return Plugin("services/customers", "acl", new() { ["allow"] = Texts(SampleClients.StaffGroup) });
        yield return Plugin("services/orders", "rate-limiting", new() { ["minute"] = RequestsPerMinute, ["policy"] = "cluster", ["limit_by"] = "consumer" });
        yield return Plugin("services/search", "rate-limiting", new() { ["minute"] = RequestsPerMinute, ["policy"] = "local", ["limit_by"] = "ip" });
        yield return Plugin($"services/{ProbedService}", "cors", new() { ["origins"] = Texts("https://shop.example.test"), ["methods"] = Texts("GET", "POST"), ["max_age"] = 3600 });
        yield return Plugin("routes/legacy-maintenance", "request-termination", new() { ["status_code"] = 503, ["message"] = "Down for maintenance" });

        // 3.x ships the counts switched off; 2.8 does not know the switches.
        yield return new("plugins", kong.Major < 3
            ? new() { ["name"] = "prometheus" }
            : new()
            {
                ["name"] = "prometheus",
                ["config"] = new JsonObject { ["status_code_metrics"] = true, ["latency_metrics"] = true, ["bandwidth_metrics"] = true, ["upstream_health_metrics"] = true },
            });
    }

    private static AdminWrite Route(string service, string name, string[] paths, string[]? methods = null, string[]? hosts = null, int priority = 0, bool stripPath = true)
    {
        var body = new JsonObject { ["name"] = name, ["paths"] = Texts(paths), ["strip_path"] = stripPath, ["regex_priority"] = priority };
        if (methods is not null)
        {
            body["methods"] = Texts(methods);
        }

        if (hosts is not null)
        {
            body["hosts"] = Texts(hosts);
        }

        return new($"services/{service}/routes", body);
    }

    private static AdminWrite Plugin(string owner, string name, JsonObject config) => new($"{owner}/plugins", new() { ["name"] = name, ["config"] = config });

    private static JsonArray Texts(params string[] values) => [.. values.Select(static v => (JsonNode)v)];
}

using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>A route of the configuration, read once.</summary>
internal sealed class RouteDefinition
{
    public RouteDefinition(JsonObject entity)
    {
        Id = Guid.Parse((string)entity["id"]!);
        Name = (string?)entity["name"];
        ServiceId = entity["service"]?["id"] is { } service ? Guid.Parse((string)service!) : null;
        Paths = Strings(entity["paths"]);
        Methods = [.. Strings(entity["methods"])];
        Hosts = [.. Strings(entity["hosts"]).Select(h => h.ToLowerInvariant())];
        Protocols = [.. Strings(entity["protocols"])];
        Headers = entity["headers"] is JsonObject headers
            ? [.. headers.Select(h => (h.Key, Strings(h.Value)))]
            : [];
        RegexPriority = (long?)entity["regex_priority"] ?? 0;
        StripPath = (bool?)entity["strip_path"] ?? true;
        PreserveHost = (bool?)entity["preserve_host"] ?? false;
        PathHandlingV1 = (string?)entity["path_handling"] == "v1";
        RedirectStatus = (int?)entity["https_redirect_status_code"] ?? 426;
        CreatedAt = (long?)entity["created_at"] ?? 0;
        HasSnis = Strings(entity["snis"]).Length > 0;
    }

    public Guid Id { get; }

    public string? Name { get; }

    public Guid? ServiceId { get; }

    public string[] Paths { get; }

    public HashSet<string> Methods { get; }

    public string[] Hosts { get; }

    public HashSet<string> Protocols { get; }

    public (string Name, string[] Values)[] Headers { get; }

    public long RegexPriority { get; }

    public bool StripPath { get; }

    public bool PreserveHost { get; }

    public bool PathHandlingV1 { get; }

    public int RedirectStatus { get; }

    public long CreatedAt { get; }

    public bool HasSnis { get; }

    /// <summary>How the metrics name it: its name, else its id.</summary>
    public string Label => Name ?? Id.ToString();

    public static string[] Strings(JsonNode? node) => node is JsonArray array ? [.. array.Select(i => i?.ToString() ?? "")] : [];
}

using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>A service of the configuration, read once.</summary>
internal sealed class ServiceDefinition(JsonObject entity)
{
    public Guid Id { get; } = Guid.Parse((string)entity["id"]!);

    /// <summary>How the metrics name it: its name, else its host.</summary>
    public string Label { get; } = (string?)entity["name"] ?? (string?)entity["host"] ?? "";

    public string Scheme { get; } = (string?)entity["protocol"] is "https" or "grpcs" ? "https" : "http";

    /// <summary>A host name, an address, or the name of an upstream.</summary>
    public string Host { get; } = (string?)entity["host"] ?? "";

    public int Port { get; } = (int?)entity["port"] ?? 80;

    public string? Path { get; } = (string?)entity["path"];

    public int Retries { get; } = (int?)entity["retries"] ?? 5;

    public TimeSpan ConnectTimeout { get; } = TimeSpan.FromMilliseconds((double?)entity["connect_timeout"] ?? 60000);

    public TimeSpan ReadTimeout { get; } = TimeSpan.FromMilliseconds((double?)entity["read_timeout"] ?? 60000);

    public bool IsEnabled { get; } = (bool?)entity["enabled"] ?? true;
}

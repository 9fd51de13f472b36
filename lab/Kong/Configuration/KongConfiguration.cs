using Npgsql;

namespace KongUpgradeMesh.Lab.StandInKong.Configuration;

/// <summary>Effective settings: kong.conf overlaid by <c>KONG_*</c> environment variables. Unknown keys are kept and ignored.</summary>
internal sealed class KongConfiguration
{
    private const string EnvironmentPrefix = "KONG_";
    private readonly IReadOnlyDictionary<string, string> _values;

    private KongConfiguration(IReadOnlyDictionary<string, string> values)
    {
        _values = values;
        Prefix = new NodePrefix(Path.GetFullPath(Text("prefix", "/usr/local/kong")));
        ProxyListen = ListenAddress.ParseList(Text("proxy_listen", "0.0.0.0:8000"));
        AdminListen = ListenAddress.ParseList(Text("admin_listen", "127.0.0.1:8001"));
        StatusListen = ListenAddress.ParseList(Text("status_listen", "off"));
        UpdateFrequency = TimeSpan.FromSeconds(Number("db_update_frequency", 5));
        TtlCleanupInterval = TimeSpan.FromSeconds(Number("_debug_pg_ttl_cleanup_interval", 60));
        if (Text("database", "postgres") != "postgres")
        {
            throw new FormatException("database has an invalid value: only 'postgres' is served here");
        }
    }

    public NodePrefix Prefix { get; }

    public IReadOnlyList<ListenAddress> ProxyListen { get; }

    public IReadOnlyList<ListenAddress> AdminListen { get; }

    public IReadOnlyList<ListenAddress> StatusListen { get; }

    /// <summary>How often a node asks for changes that others made.</summary>
    public TimeSpan UpdateFrequency { get; }

    /// <summary>How often expired rows are deleted.</summary>
    public TimeSpan TtlCleanupInterval { get; }

    public string Database => Text("pg_database", "kong");

    /// <summary>Every value that was set, for <c>.kong_env</c> and <c>GET /</c>.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>Reads <paramref name="file"/> (may be null), then lays the environment over it, then <paramref name="prefix"/>.</summary>
    /// <exception cref="FormatException">A value cannot be used; the message names it.</exception>
    public static KongConfiguration Load(string? file, string? prefix)
    {
        var values = file is null ? new Dictionary<string, string>(StringComparer.Ordinal) : ConfigurationFile.Read(file);
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            var key = (string)entry.Key;
            if (key.StartsWith(EnvironmentPrefix, StringComparison.Ordinal) && key.Length > EnvironmentPrefix.Length)
            {
                values[key[EnvironmentPrefix.Length..].ToLowerInvariant()] = (string?)entry.Value ?? "";
            }
        }

        if (prefix is not null)
        {
            values["prefix"] = prefix;
        }

        return new KongConfiguration(values);
    }

    /// <summary>The configuration that a running node wrote down.</summary>
    public static KongConfiguration LoadRunning(NodePrefix prefix) => new(ConfigurationFile.Read(prefix.EnvironmentFile));

    public string Text(string key, string fallback) => _values.TryGetValue(key, out var value) && value.Length > 0 ? value : fallback;

    public string ConnectionString(string applicationName) => new NpgsqlConnectionStringBuilder
    {
        Host = Text("pg_host", "127.0.0.1"),
        Port = (int)Number("pg_port", 5432),
        Username = Text("pg_user", "kong"),
        Password = _values.GetValueOrDefault("pg_password"),
        Database = Database,
        SearchPath = Text("pg_schema", "public"),
        Timezone = "UTC",
        Timeout = Math.Clamp((int)(Number("pg_timeout", 5000) / 1000), 1, 60),
        CommandTimeout = 30,
        MaxPoolSize = 20,
        ConnectionIdleLifetime = 60,
        ApplicationName = applicationName,
        SslMode = Text("pg_ssl", "off") == "on" ? SslMode.Require : SslMode.Disable,
        Enlist = false,
    }.ConnectionString;

    private double Number(string key, double fallback) =>
        _values.TryGetValue(key, out var value) && value.Length > 0
            ? double.TryParse(value, out var number) ? number : throw new FormatException($"{key} is not a number: '{value}'")
            : fallback;
}

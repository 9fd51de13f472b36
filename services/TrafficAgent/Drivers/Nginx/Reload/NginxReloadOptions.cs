namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>Settings of the nginx driver with <c>mode: reload</c>.</summary>
public sealed record NginxReloadOptions
{
    /// <summary>The included file that holds the split; owned by the agent.</summary>
    public required string File { get; init; }

    /// <summary>The nginx program. Default <c>nginx</c>.</summary>
    public required string Program { get; init; }

    /// <summary>Main configuration file; null uses nginx's own default.</summary>
    public string? Configuration { get; init; }

    /// <summary>Where the master process leaves its id. Default <c>/run/nginx.pid</c>.</summary>
    public required string PidFile { get; init; }

    /// <summary>Loopback location that answers <c>$kum_generation|$kum_side</c>.</summary>
    public required Uri ControlUrl { get; init; }

    /// <summary>Name of cluster X's upstream.</summary>
    public required string UpstreamX { get; init; }

    /// <summary>Name of cluster Y's upstream.</summary>
    public required string UpstreamY { get; init; }

    /// <summary>Expression of the sticky key. Default <c>$kum_key</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Request header that is part of the key, by which the share is probed; null when there is none. Default <c>apikey</c>.</summary>
    public string? ProbeHeader { get; init; }

    /// <summary>Bound of one question. 100 milliseconds to 30 seconds. Default 2 seconds.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>How long a reload may take until every worker follows it. 1 second to 1 minute. Default 10 seconds.</summary>
    public TimeSpan Settle { get; init; }

    /// <summary>How long workers of the old generation are waited for after that. 0 to 10 minutes. Default 5 seconds.</summary>
    public TimeSpan Drain { get; init; }

    /// <summary>Binds and validates the settings.</summary>
    public static NginxReloadOptions Bind(DriverSettings settings)
    {
        var configuration = settings.Optional("configuration", "");
        var options = new NginxReloadOptions
        {
            File = Rooted(settings, "file", settings.Required("file")),
            Program = settings.Optional("program", "nginx"),
            Configuration = configuration.Length > 0 ? Rooted(settings, "configuration", configuration) : null,
            PidFile = Rooted(settings, "pidFile", settings.Optional("pidFile", "/run/nginx.pid")),
            ControlUrl = NginxSettings.Url(settings, "controlUrl"),
            UpstreamX = Plain(settings, "upstreamX", settings.Required("upstreamX")),
            UpstreamY = Plain(settings, "upstreamY", settings.Required("upstreamY")),
            Key = Plain(settings, "key", settings.Optional("key", "$kum_key")),
            ProbeHeader = NginxSettings.ProbeHeader(settings),
            Timeout = NginxSettings.Timeout(settings),
            Settle = settings.Duration("settle", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)),
            Drain = settings.Duration("drain", TimeSpan.FromSeconds(5), TimeSpan.Zero, TimeSpan.FromMinutes(10)),
        };
        if (options.UpstreamX == options.UpstreamY && options.UpstreamX.Length > 0)
        {
            settings.Wrong("upstreamY", "is the same upstream as upstreamX");
        }

        settings.ThrowIfWrong();
        return options;
    }

    private static string Rooted(DriverSettings settings, string key, string value)
    {
        if (value.Length > 0 && !Path.IsPathRooted(value))
        {
            settings.Wrong(key, "must be an absolute path");
        }

        return value;
    }

    // These texts become part of nginx's configuration, where such characters would end a word or a block.
    private static string Plain(DriverSettings settings, string key, string value)
    {
        if (value.Any(static c => char.IsControl(c) || " ;{}\"'\\#".Contains(c)))
        {
            settings.Wrong(key, "must not contain blanks, quotes or any of ; { } \\ #");
        }

        return value;
    }
}

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>Settings of the nginx driver with <c>mode: reload</c>.</summary>
public sealed record NginxReloadOptions
{
    /// <summary>Bound of one run of a program.</summary>
    internal static readonly TimeSpan ProgramBound = TimeSpan.FromSeconds(10);

    /// <summary>Part of the title that nginx gives to workers of an older generation: its only word about them.</summary>
    internal const string LeavingTitle = "shutting down";

    /// <summary>The program that runs commands on nginx's host, and its first arguments, such as <c>ssh lb1 --</c>; null for the agent's own host.</summary>
    public IReadOnlyList<string>? Exec { get; init; }

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
        var exec = settings.Optional("exec", "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var options = new NginxReloadOptions
        {
            Exec = exec.Length > 0 ? exec : null,
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

        if (exec.Length > 0)
        {
            RequireBareWords(settings, options);
        }

        settings.ThrowIfWrong();
        return options;
    }

    /// <summary>nginx's arguments with the configuration file before them.</summary>
    internal IReadOnlyList<string> ArgumentsOf(IReadOnlyList<string> arguments) => Configuration is { } file ? ["-c", file, .. arguments] : arguments;

    private static void RequireBareWords(DriverSettings settings, NginxReloadOptions options)
    {
        foreach (var (key, value) in new[] { ("file", options.File), ("program", options.Program), ("configuration", options.Configuration ?? ""), ("pidFile", options.PidFile) })
        {
            if (value.Any(static c => !char.IsAsciiLetterOrDigit(c) && !"/._-".Contains(c)))
            {
                settings.Wrong(key, "may only hold letters, digits and any of / . _ - where exec is set, since a shell may read it there");
            }
        }
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

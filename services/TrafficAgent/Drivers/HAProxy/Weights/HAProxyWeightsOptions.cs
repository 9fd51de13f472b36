namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

/// <summary>Settings of the mode <c>weights</c>.</summary>
internal sealed record HAProxyWeightsOptions
{
    private const string Http = "http";
    private const string Tcp = "tcp";

    /// <summary>Name of the one backend with the servers of both clusters.</summary>
    public required string Backend { get; init; }

    /// <summary>Names of cluster X's servers in the backend, at least one.</summary>
    public required IReadOnlyList<string> ServersX { get; init; }

    /// <summary>Names of cluster Y's servers in the backend, at least one.</summary>
    public required IReadOnlyList<string> ServersY { get; init; }

    /// <summary>Whether the backend deals out connections (<c>mode tcp</c>) instead of requests. Default false.</summary>
    public bool PerConnection { get; init; }

    /// <summary>The backend's server state file as the agent sees it, from which a HAProxy that starts takes the weights; null when the agent does not write it. Default null.</summary>
    public string? StateFile { get; init; }

    /// <summary>The weights that settings of this kind lead to.</summary>
    public WeightPlan Plan => new(ServersX.Count, ServersY.Count);

    /// <summary>Binds the settings of the mode.</summary>
    public static HAProxyWeightsOptions Bind(DriverSettings settings)
    {
        var (x, y) = (Names(settings, "serversX"), Names(settings, "serversY"));
        if (x.Intersect(y, StringComparer.Ordinal).FirstOrDefault() is { } both)
        {
            settings.Wrong("serversY", $"names {both}, which is one of serversX");
        }

        var protocol = settings.Optional("protocol", Http);
        if (protocol is not (Http or Tcp))
        {
            settings.Wrong("protocol", $"is \"{protocol}\"; {Http} or {Tcp} is needed");
        }

        var stateFile = settings.Optional("stateFile", "none");
        if (stateFile != "none" && !Path.IsPathRooted(stateFile))
        {
            settings.Wrong("stateFile", "must be an absolute path of the agent's host, or none");
        }

        return new HAProxyWeightsOptions
        {
            Backend = HAProxyOptions.Token(settings, "backend"),
            ServersX = x,
            ServersY = y,
            PerConnection = protocol == Tcp,
            StateFile = stateFile == "none" ? null : stateFile,
        };
    }

    private static string[] Names(DriverSettings settings, string key)
    {
        var names = settings.Required(key).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Length)
        {
            settings.Wrong(key, "names a server twice");
        }

        if (names.Any(static n => n.Any(HAProxyOptions.EndsWord) || n.Contains('/')))
        {
            settings.Wrong(key, "must be names of servers, separated by commas, without the backend");
        }

        return names;
    }
}

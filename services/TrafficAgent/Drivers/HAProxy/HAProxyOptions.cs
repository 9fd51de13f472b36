using System.Net;
using System.Net.Sockets;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>Settings of the haproxy driver.</summary>
internal sealed record HAProxyOptions
{
    private const string MapMode = "map";
    private const string AgentCheckMode = "agent-check";
    private const string WeightsMode = "weights";

    /// <summary>Runtime socket, level admin (level user suffices for the mode <c>agent-check</c>): an absolute path, or <c>host:port</c>.</summary>
    public required EndPoint Socket { get; init; }

    /// <summary>The map as HAProxy's configuration names it; empty in the other modes.</summary>
    public required string Map { get; init; }

    /// <summary>How HAProxy asks this agent for the split; null when the agent writes the map. Default null.</summary>
    public HAProxyAgentCheckOptions? AgentCheck { get; init; }

    /// <summary>The servers of both clusters in one backend, whose weights are set; null where there are two backends. Default null.</summary>
    public HAProxyWeightsOptions? Weights { get; init; }

    /// <summary>The same file as the agent sees it; null when the agent cannot write it. Default <see cref="Map"/>.</summary>
    public string? MapFile { get; init; }

    /// <summary>Name of cluster X's backend; empty where both clusters are in one.</summary>
    public required string BackendX { get; init; }

    /// <summary>Name of cluster Y's backend; empty where both clusters are in one.</summary>
    public required string BackendY { get; init; }

    /// <summary>Whether connections of the side that lost all traffic are cut. Default false: they end by themselves.</summary>
    public bool ShutdownSessions { get; init; }

    /// <summary>Bound of one command. 100 milliseconds to 30 seconds. Default 2 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long requests are counted to verify a split. 50 milliseconds to 1 minute. Default 500 milliseconds.</summary>
    public TimeSpan Observe { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Binds and validates the settings.</summary>
    public static HAProxyOptions Bind(DriverSettings settings)
    {
        var mode = settings.Optional("mode", MapMode);
        if (mode is not (MapMode or AgentCheckMode or WeightsMode))
        {
            settings.Wrong("mode", $"is \"{mode}\"; {MapMode}, {AgentCheckMode} or {WeightsMode} is needed");
        }

        // Settings of the other modes are left unasked, so that they are reported as not known instead of being ignored.
        var pull = mode == AgentCheckMode ? HAProxyAgentCheckOptions.Bind(settings) : null;
        var weights = mode == WeightsMode ? HAProxyWeightsOptions.Bind(settings) : null;
        var isMap = pull is null && weights is null;
        var map = isMap ? Token(settings, "map") : "";
        var mapFile = isMap ? settings.Optional("mapFile", map) : "none";
        if (mapFile != "none" && mapFile.Length > 0 && !Path.IsPathRooted(mapFile))
        {
            settings.Wrong("mapFile", "must be an absolute path of the agent's host, or none");
        }

        var options = new HAProxyOptions
        {
            Socket = Parse(settings, settings.Required("socket")),
            Map = map,
            MapFile = mapFile == "none" ? null : mapFile,
            AgentCheck = pull,
            Weights = weights,
            BackendX = weights is null ? Token(settings, "backendX") : "",
            BackendY = weights is null ? Token(settings, "backendY") : "",
            ShutdownSessions = pull is null && settings.Switch("shutdownSessions", false), // Asks for rights that agent-check is there to do without.
            Timeout = settings.Duration("timeout", TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)),
            Observe = settings.Duration("observe", TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1)),
        };
        if (options.BackendX == options.BackendY && options.BackendX.Length > 0)
        {
            settings.Wrong("backendY", "is the same backend as backendX");
        }

        settings.ThrowIfWrong();
        return options;
    }

    /// <summary>Whether a character of a name would begin another word or command in a line of commands.</summary>
    public static bool EndsWord(char c) => char.IsControl(c) || " ;\\\"'<@".Contains(c);

    /// <summary>A name that goes into a line of commands.</summary>
    public static string Token(DriverSettings settings, string key)
    {
        var value = settings.Required(key);
        if (value.Any(EndsWord))
        {
            settings.Wrong(key, "must not contain blanks, quotes or any of ; \\ < @");
        }

        return value;
    }

    private static EndPoint Parse(DriverSettings settings, string text)
    {
        if (text.StartsWith('/'))
        {
            if (text.Length <= 107)
            {
                return new UnixDomainSocketEndPoint(text);
            }

            settings.Wrong("socket", "is longer than the 107 characters that a unix socket may have");
        }
        else if (IPEndPoint.TryParse(text, out var address) && address.Port > 0)
        {
            return address;
        }
        else if (text.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(text.AsSpan(colon + 1), out var port) && port > 0)
        {
            return new DnsEndPoint(text[..colon], port);
        }
        else if (text.Length > 0)
        {
            settings.Wrong("socket", $"is \"{text}\"; an absolute path or host:port is needed");
        }

        return new IPEndPoint(IPAddress.Loopback, 0);
    }
}

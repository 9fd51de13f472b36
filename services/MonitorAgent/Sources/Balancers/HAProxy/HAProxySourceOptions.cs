using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KongUpgradeMesh.MonitorAgent.Sources.Balancers.HAProxy;

/// <summary>Settings of a source of the kind haproxy.</summary>
internal sealed record HAProxySourceOptions
{
    private const int LongestPath = 107;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly string[] Known = ["socket", "backendX", "backendY", "timeout"];

    /// <summary>Runtime socket, level user suffices: an absolute path, or <c>host:port</c>.</summary>
    public required EndPoint Socket { get; init; }

    /// <summary>Name of cluster X's backend.</summary>
    public required string BackendX { get; init; }

    /// <summary>Name of cluster Y's backend.</summary>
    public required string BackendY { get; init; }

    /// <summary>Bound of one reading. 100 milliseconds to 30 seconds. Default 2 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Reads the settings and notes everything that is wrong with them.</summary>
    public static HAProxySourceOptions Bind(IReadOnlyDictionary<string, string> settings, Action<string, string> wrong)
    {
        foreach (var key in settings.Keys.Except(Known).Order(StringComparer.Ordinal))
        {
            wrong(key, $"is not known; known are {string.Join(", ", Known)}");
        }

        string Required(string key)
        {
            var value = settings.GetValueOrDefault(key) ?? "";
            if (string.IsNullOrWhiteSpace(value))
            {
                wrong(key, "is required");
            }

            return value;
        }

        var options = new HAProxySourceOptions { Socket = EndPointOf(Required("socket"), wrong), BackendX = Required("backendX"), BackendY = Required("backendY") };
        if (options.BackendX == options.BackendY && options.BackendX.Length > 0)
        {
            wrong("backendY", "is the same backend as backendX");
        }

        return settings.TryGetValue("timeout", out var timeout) ? options with { Timeout = TimeoutOf(timeout, wrong) } : options;
    }

    private static TimeSpan TimeoutOf(string text, Action<string, string> wrong)
    {
        if (TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var value) && value >= Shortest && value <= Longest)
        {
            return value;
        }

        wrong("timeout", $"is \"{text}\"; a duration from {Shortest} to {Longest} is needed, such as 00:00:02");
        return Shortest;
    }

    private static EndPoint EndPointOf(string text, Action<string, string> wrong)
    {
        if (text.StartsWith('/') && text.Length <= LongestPath)
        {
            return new UnixDomainSocketEndPoint(text);
        }

        if (IPEndPoint.TryParse(text, out var address) && address.Port > 0)
        {
            return address;
        }

        if (!text.StartsWith('/') && text.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(text.AsSpan(colon + 1), out var port) && port > 0)
        {
            return new DnsEndPoint(text[..colon], port);
        }

        if (text.Length > 0)
        {
            wrong("socket", $"is \"{text}\"; an absolute path of at most {LongestPath} characters or host:port is needed");
        }

        return new IPEndPoint(IPAddress.Loopback, 0);
    }
}

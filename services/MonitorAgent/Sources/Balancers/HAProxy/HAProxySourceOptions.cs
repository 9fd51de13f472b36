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

    /// <summary>Runtime socket, level user suffices: an absolute path, or <c>host:port</c>.</summary>
    public required EndPoint Socket { get; init; }

    /// <summary>Name of cluster X's backend.</summary>
    public required string BackendX { get; init; }

    /// <summary>Name of cluster Y's backend.</summary>
    public required string BackendY { get; init; }

    /// <summary>Bound of one reading. 100 milliseconds to 30 seconds. Default 2 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Reads the settings and notes everything that is wrong with them.</summary>
    public static HAProxySourceOptions Bind(SourceSettings settings)
    {
        settings.RejectUnknown("socket", "backendX", "backendY", "timeout");
        var options = new HAProxySourceOptions
        {
            Socket = EndPointOf(settings.Required("socket"), settings), BackendX = settings.Required("backendX"), BackendY = settings.Required("backendY"),
        };
        if (options.BackendX == options.BackendY && options.BackendX.Length > 0)
        {
            settings.Wrong("backendY", "is the same backend as backendX");
        }

        return settings.Optional("timeout") is { } timeout ? options with { Timeout = TimeoutOf(timeout, settings) } : options;
    }

    private static TimeSpan TimeoutOf(string text, SourceSettings settings)
    {
        if (TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var value) && value >= Shortest && value <= Longest)
        {
            return value;
        }

        settings.Wrong("timeout", $"is \"{text}\"; a duration from {Shortest} to {Longest} is needed, such as 00:00:02");
        return Shortest;
    }

    private static EndPoint EndPointOf(string text, SourceSettings settings)
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
            settings.Wrong("socket", $"is \"{text}\"; an absolute path of at most {LongestPath} characters or host:port is needed");
        }

        return new IPEndPoint(IPAddress.Loopback, 0);
    }
}

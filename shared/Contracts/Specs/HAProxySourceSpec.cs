using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using KongUpgradeMesh.Contracts.Specs.Reading;

namespace KongUpgradeMesh.Contracts.Specs;

/// <summary>The settings of a <see cref="MetricSourceSpec"/> of the kind <c>haproxy</c>.</summary>
/// <remarks>Read where a spec is taken, so that a wrong setting refuses it, and by the monitor agent again: both by the same rules.</remarks>
public sealed partial record HAProxySourceSpec
{
    /// <summary>The kind in <see cref="MetricSourceSpec.Kind"/>.</summary>
    public const string Kind = "haproxy";

    // sun_path has room for 108 bytes with the zero at its end.
    private const int LongestPath = 107;
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Runtime socket, level user suffices: an absolute path of at most 107 bytes, or <c>host:port</c>.</summary>
    public required EndPoint Socket { get; init; }

    /// <summary>Name of cluster X's backend.</summary>
    public required string BackendX { get; init; }

    /// <summary>Name of cluster Y's backend; another one than <see cref="BackendX"/>.</summary>
    public required string BackendY { get; init; }

    /// <summary>Bound of one reading. 100 milliseconds to 30 seconds. Default 2 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Reads the settings; what it gives is of use only when nothing was wrong.</summary>
    /// <param name="settings">As the spec has them.</param>
    /// <param name="wrong">Is told of every setting that is wrong, and why.</param>
    public static HAProxySourceSpec Read(IReadOnlyDictionary<string, string> settings, Action<string, string> wrong)
    {
        var source = new SourceSettings(settings, wrong);
        source.RejectUnknown("socket", "backendX", "backendY", "timeout");
        var read = new HAProxySourceSpec { Socket = EndPointOf(source.Required("socket"), source), BackendX = BackendOf(source, "backendX"), BackendY = BackendOf(source, "backendY") };
        if (read.BackendX == read.BackendY && read.BackendX.Length > 0)
        {
            source.Wrong("backendY", "is the backend of cluster X too; each cluster needs one of its own");
        }

        return source.Optional("timeout") is { } timeout ? read with { Timeout = TimeoutOf(timeout, source) } : read;
    }

    private static string BackendOf(SourceSettings settings, string key)
    {
        var name = settings.Required(key);
        if (name.Length > 0 && !ProxyName().IsMatch(name))
        {
            settings.Wrong(key, $"'{name}' is not valid: the name of a backend, of A-Z a-z 0-9 - _ . :");
        }

        return name;
    }

    private static TimeSpan TimeoutOf(string text, SourceSettings settings)
    {
        if (DurationText.TryParse(text, out var value) && value >= ShortestTimeout && value <= LongestTimeout)
        {
            return value;
        }

        settings.Wrong("timeout", $"must be a duration from {DurationText.Format(ShortestTimeout)} to {DurationText.Format(LongestTimeout)}, such as 500ms, 2s or 00:00:02");
        return ShortestTimeout;
    }

    private static EndPoint EndPointOf(string text, SourceSettings settings)
    {
        if (text.StartsWith('/') && !text.Any(char.IsControl) && Encoding.UTF8.GetByteCount(text) <= LongestPath)
        {
            return new UnixDomainSocketEndPoint(text);
        }

        if (IPEndPoint.TryParse(text, out var address) && address.Port > 0)
        {
            return address;
        }

        // Without the look at the host, an IPv6 address that lacks its port would be taken for one that has it.
        if (text.LastIndexOf(':') is > 0 and var colon
            && Uri.CheckHostName(text[..colon]) == UriHostNameType.Dns
            && ushort.TryParse(text.AsSpan(colon + 1), out var port) && port > 0)
        {
            return new DnsEndPoint(text[..colon], port);
        }

        if (text.Length > 0)
        {
            settings.Wrong("socket", $"'{text}' is not valid: an absolute path of at most {LongestPath} bytes, or host:port");
        }

        return new IPEndPoint(IPAddress.Loopback, 0);
    }

    // What HAProxy itself takes as the name of a proxy.
    [GeneratedRegex(@"^[A-Za-z0-9_.:-]+\z")]
    private static partial Regex ProxyName();
}

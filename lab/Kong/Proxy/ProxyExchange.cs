using KongUpgradeMesh.Lab.StandInKong.Plugins;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>One request on its way through the gateway.</summary>
internal sealed class ProxyExchange(HttpContext context, GatewaySnapshot snapshot, string path, long startedAt)
{
    public HttpContext Context { get; } = context;

    public GatewaySnapshot Snapshot { get; } = snapshot;

    /// <summary>The path as the router sees it.</summary>
    public string Path { get; } = path;

    /// <summary>Time stamp of <see cref="TimeProvider"/>.</summary>
    public long StartedAt { get; } = startedAt;

    public RouteMatch? Match { get; set; }

    public ServiceDefinition? Service { get; set; }

    public Consumer? Consumer { get; set; }

    public Credential? Credential { get; set; }

    public bool IsAnonymous { get; set; }

    /// <summary>A fault makes its key, however valid, an unknown one.</summary>
    public bool RejectsKey { get; set; }

    /// <summary>Headers that plugins want in the answer, wherever it comes from.</summary>
    public List<KeyValuePair<string, string>> ResponseHeaders { get; } = [];

    /// <summary>Headers that plugins set in the request to the upstream; null removes.</summary>
    public Dictionary<string, string?> RequestHeaders { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Query arguments that hold credentials and are not passed on.</summary>
    public HashSet<string> HiddenArguments { get; } = [];

    /// <summary>Applied to the headers of the upstream's answer.</summary>
    public List<Action<IHeaderDictionary>> ResponseEdits { get; } = [];

    /// <summary>When the request was sent to the upstream, and when its answer began; 0 is never.</summary>
    public long SentAt { get; set; }

    public long AnsweredAt { get; set; }

    /// <summary>The upstream answered (also when it answered badly).</summary>
    public bool FromUpstream { get; set; }

    public string ClientAddress => Context.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : "";
}

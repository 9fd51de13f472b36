using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>A private HAProxy with one frontend that divides clients between backends x and y by a threshold in a map, as the product's haproxy driver expects.</summary>
/// <remarks>Every answer, also HAProxy's own errors, carries <c>X-KUM-Side: x|y</c>. A side whose nodes are down answers 503: traffic changes sides by the map alone.</remarks>
public sealed class HaproxyServer : IAsyncDisposable
{
    private readonly string _directory;
    private readonly HaproxyLayout _layout;
    private ServerProcess? _process;

    private HaproxyServer(string directory, HaproxyLayout layout)
    {
        _directory = directory;
        _layout = layout;
        Socket = Path.Combine(directory, "haproxy.sock");
        Map = Path.Combine(directory, "kum.map");
        if (Socket.Length > 100)
        {
            throw new ArgumentException($"the path of a unix socket may have 100 characters, this one has {Socket.Length}: {Socket}", nameof(directory));
        }
    }

    /// <summary>Name of the backend of cluster X.</summary>
    public const string BackendX = "kong-x";

    /// <summary>Name of the backend of cluster Y.</summary>
    public const string BackendY = "kong-y";

    /// <summary>Name of the one backend of both clusters, where the layout has one.</summary>
    public const string Backend = "kong";

    /// <summary>Response header that names the side which was chosen.</summary>
    public const string SideHeader = "X-KUM-Side";

    /// <summary>Where clients connect.</summary>
    public Uri Address => new($"http://127.0.0.1:{_layout.FrontendPort}/");

    /// <summary>Path of the runtime socket.</summary>
    public string Socket { get; }

    /// <summary>Path of the map; the name of the map in HAProxy too.</summary>
    public string Map { get; }

    /// <summary>Process id, for fault tests; 0 when it is stopped.</summary>
    public int ProcessId => _process is { HasExited: false } running ? running.Id : 0;

    /// <summary>What belongs into the spec's traffic settings so that the haproxy driver drives this server.</summary>
    public IReadOnlyDictionary<string, string> Settings => _layout.OneBackend ? WeightsSettings : new Dictionary<string, string>(
        _layout.AgentCheckPort is { } port
            ? [new("mode", "agent-check"), new("listen", $"127.0.0.1:{port}")]
            : [new KeyValuePair<string, string>("map", Map)])
    {
        ["socket"] = Socket,
        ["backendX"] = BackendX,
        ["backendY"] = BackendY,
    };

    /// <summary>Path of the server state file that HAProxy starts from, where the layout has one backend.</summary>
    public string StateFile => Path.Combine(_directory, "kong.state");

    /// <summary>Path of the configuration.</summary>
    public string ConfigurationFile => Path.Combine(_directory, "haproxy.cfg");

    /// <summary>Writes configuration and (where there is none) an empty map into <paramref name="directory"/> and starts HAProxy.</summary>
    public static async Task<HaproxyServer> StartAsync(string directory, HaproxyLayout layout, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(directory);
        var server = new HaproxyServer(directory, layout);
        await server.StartProcessAsync(cancellationToken);
        return server;
    }

    /// <summary>Starts it again on the same port, configuration and map file.</summary>
    public async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Map))
        {
            await File.WriteAllTextAsync(Map, "y 0\n", cancellationToken);
        }

        await File.WriteAllTextAsync(ConfigurationFile, Configuration(), cancellationToken);
        _process = ServerProcess.Start(FindProgram(), ["-db", "-f", ConfigurationFile]);
        await _process.WaitUntilAsync("its frontend and runtime socket", AnswersAsync, ServerProcess.StartLimit, cancellationToken);
    }

    /// <summary>Reloads as its service does: a new process takes the listening sockets over, the old one finishes what it has begun and ends.</summary>
    public async Task ReloadAsync(CancellationToken cancellationToken)
    {
        var old = _process ?? throw new InvalidOperationException("it was never started");
        _process = ServerProcess.Start(FindProgram(), ["-db", "-f", ConfigurationFile, "-x", Socket, "-sf", old.Id.ToString()]);
        await old.WaitForExitAsync(TimeSpan.FromSeconds(10), cancellationToken);
        await _process.WaitUntilAsync("its frontend and runtime socket", AnswersAsync, ServerProcess.StartLimit, cancellationToken);
    }

    /// <summary>Ends it at once, as a crash would; the map file stays.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
        {
            await _process.StopAsync("KILL", TimeSpan.FromSeconds(5));
        }
    }

    /// <summary>Sets the split by hand, as an operator would: percent of the sticky keys on Y.</summary>
    public async Task SetWeightAsync(int weightY, CancellationToken cancellationToken)
    {
        using var socket = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellationToken);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"set map {Map} y {weightY * 100}\n"), cancellationToken);
        var answer = new byte[256];
        var length = await socket.ReceiveAsync(answer, cancellationToken);
        if (Encoding.ASCII.GetString(answer, 0, length).Trim() is { Length: > 0 } refused)
        {
            throw new InvalidOperationException($"HAProxy did not set the split: {refused}");
        }
    }

    /// <summary>Freezes or thaws the process (<c>STOP</c>, <c>CONT</c>).</summary>
    public void Signal(string name) => _process?.Signal(name);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Signal("CONT");
            await _process.StopAsync("TERM", TimeSpan.FromSeconds(5));
        }
    }

    // Clients are accepted a moment before the runtime socket is; a socket that a crash left behind refuses until then.
    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var socket = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellationToken);
            return await ServerProcess.AcceptsAsync(_layout.FrontendPort, cancellationToken);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string FindProgram() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/usr/local/sbin")
            .Select(static d => Path.Combine(d, "haproxy"))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("haproxy not found; on Debian: apt-get install haproxy");

    private Dictionary<string, string> WeightsSettings => new()
    {
        ["mode"] = "weights",
        ["socket"] = Socket,
        ["backend"] = Backend,
        ["serversX"] = string.Join(',', _layout.NodesX.Select(static (_, i) => $"x{i + 1}")),
        ["serversY"] = string.Join(',', _layout.NodesY.Select(static (_, i) => $"y{i + 1}")),
        ["stateFile"] = StateFile,
    };

    private string Configuration() =>
        $$"""
        global
          stats socket {{Socket}} mode 600 level {{(_layout.AgentCheckPort is null ? "admin" : "user")}} expose-fd listeners
          stats timeout 10s
          hard-stop-after 3s

        defaults
          mode http
          timeout connect 2s
          timeout client 60s
          timeout server 60s
          timeout http-keep-alive 60s
          timeout tunnel 1h
          # Another node of the same side is tried when a connection fails before a byte was sent; never the other side, never a request that was sent.
          retries 2
          option redispatch 1
          retry-on conn-failure
          option forwardfor

        frontend clients
          bind 127.0.0.1:{{_layout.FrontendPort}}
        {{(_layout.OneBackend ? WeightedBackend() : TwoBackends())}}

        """;

    private string TwoBackends() =>
        $$"""
          {{string.Join("\n  ", StickyKey())}}
          http-request set-var(txn.kumbucket) var(txn.kumkey),xxh32,mod(10000)
          {{string.Join("\n  ", Threshold())}}
          use_backend {{BackendY}} if { var(txn.kumy) -m int gt 0 } { req.hdr(X-KUM-Opt-In) -m str y }
          use_backend {{BackendY}} if { var(txn.kumy) -m int gt 0 } { req.cook(kum-opt-in) -m str y }
          use_backend {{BackendY}} if { var(txn.kumbucket),sub(txn.kumy) -m int lt 0 }
          default_backend {{BackendX}}

        {{AskedServer()}}
        {{SideBackend(BackendX, "x", _layout.NodesX)}}
        {{SideBackend(BackendY, "y", _layout.NodesY)}}
        """;

    private string WeightedBackend() =>
        $$"""
          default_backend {{Backend}}

        backend {{Backend}}
          balance roundrobin
          load-server-state-from-file local
          server-state-file-name {{StateFile}}
          http-response set-header {{SideHeader}} x if { srv_name -m beg x }
          http-response set-header {{SideHeader}} y if { srv_name -m beg y }
        {{Servers("x", _layout.NodesX, " weight 100")}}
        {{Servers("y", _layout.NodesY, " weight 0")}}
        """;

    private IEnumerable<string> StickyKey()
    {
        foreach (var header in _layout.StickyHeaders)
        {
            yield return $"http-request set-var(txn.kumkey) req.fhdr({header}) if !{{ var(txn.kumkey) -m len gt 0 }}";
        }

        // Without any of the headers the client's address decides; never "nothing", which would put such clients on X for ever.
        yield return "http-request set-var(txn.kumkey) src if !{ var(txn.kumkey) -m len gt 0 }";
    }

    private IEnumerable<string> Threshold() => _layout.AgentCheckPort is null
        ? [$"http-request set-var(txn.kumy) str(y),map_str_int({Map},0)"]
        :
        [
            "http-request set-var(txn.kumx) srv_weight(kum-split/x) if { srv_is_up(kum-split/x) }",
            "http-request set-var(txn.kumy) int(100),sub(txn.kumx),mul(100) if { var(txn.kumx) -m found }",
        ];

    // The server is never used: its weight is X's share, which HAProxy asks of the agent. A started HAProxy has all traffic on X.
    private string AskedServer() => _layout.AgentCheckPort is not { } port
        ? ""
        : $"""
            backend kum-split
              server x 127.0.0.1:1 weight 100 agent-check agent-addr 127.0.0.1 agent-port {port} agent-inter 200ms

            """;

    private static string SideBackend(string name, string side, IReadOnlyList<EndPoint> nodes) =>
        $"""
            backend {name}
              balance roundrobin
              http-after-response set-header {SideHeader} {side}
            {Servers(side, nodes, "")}

            """;

    private static string Servers(string side, IReadOnlyList<EndPoint> nodes, string weight)
    {
        // A lone node is never taken out by a check: its own connection errors say the same without a second opinion.
        var check = nodes.Count > 1 ? " check inter 1s fall 2 rise 1" : "";
        return string.Join('\n', nodes.Select((node, i) => $"  server {side}{i + 1} {node}{weight}{check}"));
    }
}

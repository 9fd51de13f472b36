using System.Net;
using System.Net.Sockets;
using System.Text;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class HAProxyTestBalancer : ITestBalancer
{
    private readonly string _directory;
    private readonly int? _agentPort;
    private readonly bool _byWeights;
    private HAProxyAgentChecks _checks;

    private HAProxyTestBalancer(string directory, HaproxyServer server, HaproxyLayout layout)
    {
        (_directory, Server, FrontendPort, _agentPort, _byWeights) = (directory, server, layout.FrontendPort, layout.AgentCheckPort, layout.OneBackend);
        _checks = NewAgent();
    }

    public HaproxyServer Server { get; }

    public string Driver => "haproxy";

    public IReadOnlyDictionary<string, string> Settings => _agentPort is null
        ? new Dictionary<string, string>(Server.Settings) { ["observe"] = "60ms", ["timeout"] = "20s" }
        : new Dictionary<string, string>(Server.Settings) { ["observe"] = "60ms", ["timeout"] = "20s", ["settle"] = "30s" };

    public int FrontendPort { get; }

    public ITrafficDriverFactory Factory => new HAProxyTrafficDriverFactory(_checks, Notes, TimeProvider.System);

    public string KeptFile => _agentPort is { } port ? _checks.FileOf(new IPEndPoint(IPAddress.Loopback, port)) : _byWeights ? Server.StateFile : Server.Map;

    /// <summary>The agent's note of the weights.</summary>
    public string NoteFile => Notes.FileOf(Server.Socket, HaproxyServer.Backend);

    private HAProxyWeightsNotes Notes => new(Agent, TimeProvider.System);

    private IOptions<AgentOptions> Agent => Options.Create(new AgentOptions { Datacenter = "eu1", Name = "test", StateDirectory = Path.Combine(_directory, "state") });

    public static async Task<HAProxyTestBalancer> StartAsync(EchoBackend x, EchoBackend y, bool agentCheck = false)
    {
        var directory = Directory.CreateTempSubdirectory("kum-haproxy-").FullName;
        var ports = LoopbackPorts.Take(2);
        int? agentPort = agentCheck ? ports[1] : null;
        var layout = new HaproxyLayout { FrontendPort = ports[0], NodesX = [x.EndPoint], NodesY = [y.EndPoint], AgentCheckPort = agentPort };
        return new HAProxyTestBalancer(directory, await HaproxyServer.StartAsync(directory, layout), layout);
    }

    /// <summary>Both clusters in one backend; every server of a side leads to the same node.</summary>
    public static async Task<HAProxyTestBalancer> StartWeightsAsync(EchoBackend x, EchoBackend y, int serversX = 1, int serversY = 1)
    {
        var directory = Directory.CreateTempSubdirectory("kum-haproxy-").FullName;
        var layout = new HaproxyLayout
        {
            FrontendPort = LoopbackPorts.Take(),
            NodesX = [.. Enumerable.Repeat(x.EndPoint, serversX)],
            NodesY = [.. Enumerable.Repeat(y.EndPoint, serversY)],
            OneBackend = true,
        };
        return new HAProxyTestBalancer(directory, await HaproxyServer.StartAsync(directory, layout), layout);
    }

    /// <summary>Nobody answers HAProxy's agent check any more.</summary>
    public void StopAgent() => _checks.Dispose();

    /// <summary>Drivers of another process of the agent's host, with the same state, while the agent runs.</summary>
    public ITrafficDriverFactory BesideTheAgent() => new HAProxyTrafficDriverFactory(NewAgent(), Notes, TimeProvider.System);

    /// <summary>What an agent does when it starts.</summary>
    public Task StartAgentAsync()
    {
        _checks = NewAgent();
        return _checks.StartAsync(CancellationToken.None);
    }

    public Task KillAsync() => Server.KillAsync();

    public Task StartAgainAsync() => Server.StartProcessAsync(CancellationToken.None);

    public async Task ChangeByHandAsync(int weightY)
    {
        if (_byWeights)
        {
            // Whole numbers that are exactly this share, whatever the number of servers.
            var (x, y) = (Servers("serversX"), Servers("serversY"));
            await SayAsync(string.Join(';', x.Select(s => $"set server kong/{s} weight {(100 - weightY) * y.Length}").Concat(y.Select(s => $"set server kong/{s} weight {weightY * x.Length}"))));
            return;
        }

        if (_agentPort is null)
        {
            await SayAsync($"set map {Server.Map} y {weightY * 100}");
            return;
        }

        var lines = await File.ReadAllLinesAsync(KeptFile);
        await File.WriteAllLinesAsync(KeptFile, lines.Select(l => l.StartsWith("y ", StringComparison.Ordinal) ? $"y {weightY * 100}" : l));
    }

    public async Task ReplaceByHandAsync(int weightY)
    {
        if (_byWeights)
        {
            File.Delete(NoteFile);
            await ChangeByHandAsync(weightY);
            return;
        }

        if (_agentPort is not null)
        {
            await File.WriteAllTextAsync(KeptFile, $"y {weightY * 100}\n");
            return;
        }

        await SayAsync($"clear map {Server.Map}");
        await SayAsync($"add map {Server.Map} y {weightY * 100}");
    }

    /// <summary>Says something on the runtime socket, as an operator with socat would.</summary>
    public async Task<string> SayAsync(string command)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Server.Socket));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\n"));
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync()).Trim();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _checks.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private string[] Servers(string side) => Settings[side].Split(',');

    private HAProxyAgentChecks NewAgent() => new(Agent, TimeProvider.System, NullLogger<HAProxyAgentChecks>.Instance);
}

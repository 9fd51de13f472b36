using System.Net;
using System.Net.Sockets;
using System.Text;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class HAProxyTestBalancer : ITestBalancer
{
    private readonly string _directory;
    private readonly int? _agentPort;
    private HAProxyAgentChecks _checks;

    private HAProxyTestBalancer(string directory, HaproxyServer server, int port, int? agentPort)
    {
        (_directory, Server, FrontendPort, _agentPort) = (directory, server, port, agentPort);
        _checks = NewAgent();
    }

    public HaproxyServer Server { get; }

    public string Driver => "haproxy";

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(Server.Settings) { ["observe"] = "60ms", ["timeout"] = "1s" };

    public int FrontendPort { get; }

    public ITrafficDriverFactory Factory => new HAProxyTrafficDriverFactory(_checks, TimeProvider.System);

    public string KeptFile => _agentPort is { } port ? _checks.FileOf(new IPEndPoint(IPAddress.Loopback, port)) : Server.Map;

    public static async Task<HAProxyTestBalancer> StartAsync(EchoBackend x, EchoBackend y, bool agentCheck = false)
    {
        var directory = Directory.CreateTempSubdirectory("kum-haproxy-").FullName;
        var ports = LoopbackPorts.Take(2);
        int? agentPort = agentCheck ? ports[1] : null;
        var layout = new HaproxyLayout { FrontendPort = ports[0], NodesX = [x.EndPoint], NodesY = [y.EndPoint], AgentCheckPort = agentPort };
        return new HAProxyTestBalancer(directory, await HaproxyServer.StartAsync(directory, layout), ports[0], agentPort);
    }

    /// <summary>Nobody answers HAProxy's agent check any more.</summary>
    public void StopAgent() => _checks.Dispose();

    /// <summary>Drivers of another process of the agent's host, with the same state, while the agent runs.</summary>
    public ITrafficDriverFactory BesideTheAgent() => new HAProxyTrafficDriverFactory(NewAgent(), TimeProvider.System);

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

    private HAProxyAgentChecks NewAgent()
    {
        var agent = new AgentOptions { Datacenter = "eu1", Name = "test", StateDirectory = Path.Combine(_directory, "state") };
        return new HAProxyAgentChecks(Options.Create(agent), TimeProvider.System, NullLogger<HAProxyAgentChecks>.Instance);
    }
}

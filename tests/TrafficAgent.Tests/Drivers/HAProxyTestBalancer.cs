using System.Net.Sockets;
using System.Text;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class HAProxyTestBalancer : ITestBalancer
{
    private readonly string _directory;

    private HAProxyTestBalancer(string directory, HaproxyServer server, int port)
    {
        _directory = directory;
        Server = server;
        FrontendPort = port;
    }

    public HaproxyServer Server { get; }

    public string Driver => "haproxy";

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(Server.Settings) { ["observe"] = "60ms", ["timeout"] = "1s" };

    public int FrontendPort { get; }

    public ITrafficDriverFactory Factory { get; } = new HAProxyTrafficDriverFactory(TimeProvider.System);

    public string KeptFile => Server.Map;

    public static async Task<HAProxyTestBalancer> StartAsync(EchoBackend x, EchoBackend y)
    {
        var directory = Directory.CreateTempSubdirectory("kum-haproxy-").FullName;
        var port = LoopbackPorts.Take();
        var server = await HaproxyServer.StartAsync(directory, new HaproxyLayout { FrontendPort = port, NodesX = [x.EndPoint], NodesY = [y.EndPoint] });
        return new HAProxyTestBalancer(directory, server, port);
    }

    public Task KillAsync() => Server.KillAsync();

    public Task StartAgainAsync() => Server.StartProcessAsync(CancellationToken.None);

    public Task ChangeByHandAsync(int weightY) => SayAsync($"set map {Server.Map} y {weightY * 100}");

    public async Task ReplaceByHandAsync(int weightY)
    {
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
        Directory.Delete(_directory, recursive: true);
    }
}

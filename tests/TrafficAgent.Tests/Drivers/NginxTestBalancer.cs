using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Nginx;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class NginxTestBalancer : ITestBalancer
{
    private readonly string _directory;
    private readonly NginxTrafficDriverFactory _factory = new(new ProgramRunner(TimeProvider.System), TimeProvider.System);

    private NginxTestBalancer(string directory, NginxServer server, int port)
    {
        _directory = directory;
        Server = server;
        FrontendPort = port;
    }

    public NginxServer Server { get; }

    public string Driver => "nginx";

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(Server.Settings) { ["timeout"] = "1s", ["settle"] = "3s" };

    public int FrontendPort { get; }

    public ITrafficDriverFactory Factory => _factory;

    public string KeptFile => Server.SplitFile;

    public static async Task<NginxTestBalancer> StartAsync(EchoBackend x, EchoBackend y)
    {
        var directory = Directory.CreateTempSubdirectory("kum-nginx-").FullName;
        var ports = LoopbackPorts.Take(2);
        var layout = new NginxLayout { FrontendPort = ports[0], GenerationPort = ports[1], NodesX = [x.EndPoint], NodesY = [y.EndPoint] };
        return new NginxTestBalancer(directory, await NginxServer.StartAsync(directory, layout), ports[0]);
    }

    public Task KillAsync() => Server.KillAsync();

    public Task StartAgainAsync() => Server.StartProcessAsync(CancellationToken.None);

    public async Task ChangeByHandAsync(int weightY)
    {
        var content = await File.ReadAllTextAsync(KeptFile);
        await File.WriteAllTextAsync(KeptFile, content.Replace("10% ", $"{weightY}% ", StringComparison.Ordinal));
        await ReloadAsync(weightY);
    }

    public async Task ReplaceByHandAsync(int weightY)
    {
        await File.WriteAllTextAsync(KeptFile, NginxServer.SplitBy("none", weightY));
        await ReloadAsync(weightY);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _factory.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task ReloadAsync(int weightY)
    {
        Server.Reload();
        await Eventually.HoldsAsync("the split set by hand", async () =>
        {
            try
            {
                var onY = (await KeyCensus.TakeAsync(FrontendPort, 400, CancellationToken.None)).Count(static y => y);
                return Math.Abs(onY - (weightY * 4)) < 60;
            }
            catch (IOException)
            {
                return false; // A reload of nginx may reset a kept connection.
            }
        });
    }
}

using System.Net;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Load;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Nginx;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.Benchmarks.Traffic;

/// <summary>A real nginx with the documented configuration in front of two upstreams, and the product's driver for it.</summary>
internal sealed class NginxUnderTest : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kum-nginx-");
    private readonly NginxTrafficDriverFactory _factory = new(new ProgramRunner(TimeProvider.System), TimeProvider.System);
    private readonly Guid _upgrade = Guid.NewGuid();
    private readonly List<IAsyncDisposable> _servers = [];
    private int _step;

    private NginxUnderTest()
    {
    }

    /// <summary>Where clients connect.</summary>
    public Uri Frontend { get; private set; } = null!;

    /// <summary>The driver.</summary>
    public ITrafficDriver Driver { get; private set; } = null!;

    /// <summary>Starts everything with all traffic on X.</summary>
    public static async Task<NginxUnderTest> StartAsync(bool lua, CancellationToken cancellationToken)
    {
        var test = new NginxUnderTest();
        try
        {
            var x = await EchoUpstream.StartAsync(0, TimeProvider.System, cancellationToken);
            test._servers.Add(x);
            var y = await EchoUpstream.StartAsync(0, TimeProvider.System, cancellationToken);
            test._servers.Add(y);
            var ports = LoopbackPorts.Take(2);
            var server = await NginxServer.StartAsync(
                test._directory.FullName,
                new NginxLayout
                {
                    Document = Path.Combine(Repository.Root, "docs", "traffic", "nginx.md"),
                    LuaCode = lua ? Path.Combine(AppContext.BaseDirectory, "Drivers", "Nginx", "Lua", "kum-split.lua") : null,
                    FrontendPort = ports[0],
                    ControlPort = ports[1],
                    NodesX = [new IPEndPoint(IPAddress.Loopback, x.Address.Port)],
                    NodesY = [new IPEndPoint(IPAddress.Loopback, y.Address.Port)],
                },
                cancellationToken);
            test._servers.Add(server);
            test.Frontend = new Uri($"http://127.0.0.1:{ports[0]}");
            test.Driver = test._factory.Create(new DriverSettings(server.Settings));
            return test;
        }
        catch
        {
            await test.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sets the share of Y as the next step of an upgrade; returns when nginx's workers report it.</summary>
    public Task ShiftAsync(int weightY, CancellationToken cancellationToken) => Driver.ApplyAsync(
        new TrafficRecord { UpgradeId = _upgrade, Epoch = 1, Step = ++_step, Split = new TrafficSplit { WeightY = weightY } }, overForeign: false, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in Enumerable.Reverse(_servers))
        {
            await server.DisposeAsync();
        }

        _factory.Dispose();
        _directory.Delete(recursive: true);
    }
}

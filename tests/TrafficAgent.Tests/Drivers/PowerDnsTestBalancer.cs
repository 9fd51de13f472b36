using System.Net;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Dns;
using KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>A zone on a real PowerDNS.</summary>
public sealed class PowerDnsTestBalancer : ITestBalancer
{
    private readonly string _directory;
    private readonly PowerDnsTrafficDriverFactory _factory;

    private PowerDnsTestBalancer(string directory, PowerDnsServer server)
    {
        (_directory, Server) = (directory, server);
        var agent = Options.Create(new AgentOptions { Name = "test", StateDirectory = directory });
        _factory = new PowerDnsTrafficDriverFactory(agent, new TtlNotes(agent), TimeProvider.System);
        Environment.SetEnvironmentVariable("KUM_TEST_POWERDNS", PowerDnsServer.ApiKey);
    }

    public static IReadOnlyList<IPAddress> AddressesX { get; } = [IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"), IPAddress.Parse("192.0.2.3")];

    public static IReadOnlyList<IPAddress> AddressesY { get; } = [IPAddress.Parse("192.0.2.101"), IPAddress.Parse("192.0.2.102")];

    public PowerDnsServer Server { get; }

    public string Driver => "powerdns";

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["api"] = Server.Api.ToString(),
        ["apiKey"] = "env:KUM_TEST_POWERDNS",
        ["servers"] = Server.EndPoint.ToString(),
        ["zone"] = DnsLayout.Zone,
        ["name"] = DnsLayout.Name,
        ["addressesX"] = string.Join(", ", AddressesX),
        ["addressesY"] = string.Join(", ", AddressesY),
        ["stableResolvers"] = "true",
        ["ttl"] = "5s",
        ["timeout"] = "20s",
        ["settle"] = "30s",
    };

    public int FrontendPort => Server.EndPoint.Port;

    public ITrafficDriverFactory Factory => _factory;

    public string KeptFile => _directory;

    /// <summary>Starts a server in a new directory.</summary>
    public static async Task<PowerDnsTestBalancer> StartAsync(string more = "", int ttl = 5)
    {
        var directory = Directory.CreateTempSubdirectory("kum-powerdns-").FullName;
        var layout = new DnsLayout { Port = LoopbackPorts.Take(), Addresses = AddressesX, Ttl = ttl };
        return new PowerDnsTestBalancer(directory, await PowerDnsServer.StartAsync(directory, layout, more));
    }

    public Task KillAsync() => Server.KillAsync();

    public Task StartAgainAsync() => Server.StartProcessAsync(CancellationToken.None);

    public Task ChangeByHandAsync(int weightY) => PatchAsync(Script(weightY));

    public Task ReplaceByHandAsync(int weightY) => PatchAsync(Script(weightY), new { name = $"_kum.{DnsLayout.Name}.", type = "TXT", changetype = "DELETE" });

    public Task<bool[]> CensusAsync(int clients, CancellationToken cancellationToken) =>
        LookupCensus.TakeAsync(Server.EndPoint, DnsLayout.Name, AddressesY.ToHashSet(), clients, cancellationToken);

    /// <summary>Changes sets of records as an operator would.</summary>
    public Task PatchAsync(params object[] sets) => Server.PatchAsync(sets, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _factory.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static object Script(int weightY) => new
    {
        name = DnsLayout.Name + ".",
        type = "LUA",
        ttl = 5,
        changetype = "REPLACE",
        records = new[] { new { content = $"A \"pickwhashed({{ {{{weightY}, '{AddressesY[0]}'}}, {{{100 - weightY}, '{AddressesX[0]}'}} }})\"", disabled = false } },
    };
}

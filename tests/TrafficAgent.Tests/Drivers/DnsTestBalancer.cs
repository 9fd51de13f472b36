using System.Net;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;
using ARSoft.Tools.Net.Dns.DynamicUpdate;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Lab.Servers;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Dns;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>A zone on a real DNS server that takes signed updates.</summary>
public sealed class DnsTestBalancer : ITestBalancer
{
    private readonly string _directory;

    private DnsTestBalancer(string directory, ZoneServer server)
    {
        _directory = directory;
        Server = server;
        Notes = new TtlNotes(Options.Create(new AgentOptions { Name = "test", StateDirectory = Path.Combine(directory, "state") }));
        Environment.SetEnvironmentVariable("KUM_TEST_TSIG", DnsLayout.Secret);
    }

    public static IReadOnlyList<IPAddress> AddressesX { get; } = [.. Enumerable.Range(1, 9).Select(static n => IPAddress.Parse($"192.0.2.{n}"))];

    public static IReadOnlyList<IPAddress> AddressesY { get; } = [.. Enumerable.Range(101, 9).Select(static n => IPAddress.Parse($"192.0.2.{n}"))];

    public static DomainName Name => DomainName.Parse(DnsLayout.Name);

    public ZoneServer Server { get; }

    public string Driver => "dns";

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["server"] = Server.EndPoint.ToString(),
        ["port"] = Server.EndPoint.Port.ToString(),
        ["zone"] = DnsLayout.Zone,
        ["name"] = DnsLayout.Name,
        ["addressesX"] = string.Join(", ", AddressesX),
        ["addressesY"] = string.Join(", ", AddressesY),
        ["tsigKey"] = DnsLayout.Key,
        ["tsigSecret"] = "env:KUM_TEST_TSIG",
        ["ttl"] = "5s",
        ["timeout"] = "20s",
        ["settle"] = "30s",
    };

    public int FrontendPort => Server.EndPoint.Port;

    public ITrafficDriverFactory Factory => new DnsTrafficDriverFactory(Notes, TimeProvider.System);

    /// <summary>The agent's notes on lowered times to live.</summary>
    public TtlNotes Notes { get; }

    public string KeptFile => _directory;

    /// <summary>Starts a server in a new directory.</summary>
    public static async Task<DnsTestBalancer> StartAsync(Func<string, DnsLayout, Task<ZoneServer>> start)
    {
        var directory = Directory.CreateTempSubdirectory("kum-dns-").FullName;
        return new DnsTestBalancer(directory, await start(directory, new DnsLayout { Port = LoopbackPorts.Take(), Addresses = AddressesX }));
    }

    public Task KillAsync() => Server.KillAsync();

    public Task StartAgainAsync() => Server.StartProcessAsync(CancellationToken.None);

    public Task ChangeByHandAsync(int weightY) => UpdateAsync([new DeleteAllRecordsUpdate(Name, RecordType.A), .. Addresses(weightY)]);

    public Task ReplaceByHandAsync(int weightY) =>
        UpdateAsync([new DeleteAllRecordsUpdate(Name, RecordType.A), new DeleteAllRecordsUpdate(RecordName, RecordType.Txt), .. Addresses(weightY)]);

    public Task<bool[]> CensusAsync(int clients, CancellationToken cancellationToken) =>
        LookupCensus.TakeAsync(Server.EndPoint, DnsLayout.Name, AddressesY.ToHashSet(), clients, cancellationToken);

    /// <summary>Updates the zone as an operator with nsupdate would.</summary>
    public async Task UpdateAsync(IEnumerable<UpdateBase> changes) => Assert.Equal(ReturnCode.NoError, await TryUpdateAsync([], changes));

    /// <summary>Sends an update under conditions and returns the server's answer.</summary>
    public async Task<ReturnCode?> TryUpdateAsync(IEnumerable<PrequisiteBase> conditions, IEnumerable<UpdateBase> changes)
    {
        var message = new DnsUpdateMessage
        {
            ZoneName = DomainName.Parse(DnsLayout.Zone),
            TSigOptions = new TSigRecord(DomainName.Parse(DnsLayout.Key), TSigAlgorithm.Sha256, TimeProvider.System.GetUtcNow().UtcDateTime, TimeSpan.FromMinutes(5), 0, ReturnCode.NoError, [], Convert.FromBase64String(DnsLayout.Secret)),
        };
        message.Prequisites.AddRange(conditions);
        message.Updates.AddRange(changes);
        using var dns = new DnsClient([Server.EndPoint.Address], [new TcpClientTransport(Server.EndPoint.Port)], true, 30_000);
        return (await dns.SendUpdateAsync(message))?.ReturnCode;
    }

    /// <summary>The step record as the server has it.</summary>
    public async Task<IReadOnlyList<DnsRecordBase>> RecordsAsync()
    {
        using var dns = new DnsClient([Server.EndPoint.Address], [new TcpClientTransport(Server.EndPoint.Port)], true, 30_000);
        return (await dns.ResolveAsync(RecordName, RecordType.Txt))!.AnswerRecords;
    }

    /// <summary>The times to live of the addresses that the server answers.</summary>
    public async Task<IReadOnlyList<int>> TtlsAsync()
    {
        using var dns = new DnsClient([Server.EndPoint.Address], [new TcpClientTransport(Server.EndPoint.Port)], true, 30_000);
        return [.. (await dns.ResolveAsync(Name, RecordType.A))!.AnswerRecords.Select(static r => r.TimeToLive)];
    }

    /// <summary>The additions that make up a share out of ten addresses.</summary>
    public static IEnumerable<UpdateBase> Addresses(int weightY, int ttl = 5) =>
        AddressesX.Take(10 - (weightY / 10)).Concat(AddressesY.Take(weightY / 10)).Select(a => new AddRecordUpdate(new ARecord(Name, ttl, a)));

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static DomainName RecordName => DomainName.Parse("_kum." + DnsLayout.Name);
}

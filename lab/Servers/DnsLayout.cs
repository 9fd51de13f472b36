using System.Net;

namespace KongUpgradeMesh.Lab.Servers;

/// <summary>The zone that a DNS server of the lab serves.</summary>
public sealed record DnsLayout
{
    /// <summary>The zone.</summary>
    public const string Zone = "shop.test";

    /// <summary>The name whose addresses are moved.</summary>
    public const string Name = "api.shop.test";

    /// <summary>Name of the key that may update it.</summary>
    public const string Key = "kum";

    /// <summary>Its secret, of this throw-away server only.</summary>
    public const string Secret = "a3VtIGxhYiBvbmx5LCAzMiBieXRlcyBsb25nISEhISE=";

    /// <summary>UDP and TCP port.</summary>
    public required int Port { get; init; }

    /// <summary>Loopback address to listen on. Default 127.0.0.1; a Knot may take another of 127.0.0.0/8, BIND only one that an interface has.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The primary that this server copies the zone from; null when it is the primary. Knot only.</summary>
    public IPEndPoint? Primary { get; init; }

    /// <summary>Secondaries that are told of changes.</summary>
    public IReadOnlyList<IPEndPoint> Secondaries { get; init; } = [];

    /// <summary>Addresses of the name at first.</summary>
    public required IReadOnlyList<IPAddress> Addresses { get; init; }

    /// <summary>Time to live of the name at first, in seconds. Default 5.</summary>
    public int Ttl { get; init; } = 5;

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => new(Address, Port);

    /// <summary>The zone as a master file.</summary>
    public string ZoneFile() =>
        $"""
        $ORIGIN {Zone}.
        $TTL 60
        @ SOA ns1 hostmaster 1 3600 60 86400 5
        @ NS ns1
        {(Secondaries.Count > 0 ? "@ NS ns2" : "")}
        ns1 A {Address}
        {(Secondaries.Count > 0 ? $"ns2 A {Secondaries[0].Address}" : "")}
        {string.Join('\n', Addresses.Select(a => $"api {Ttl} {(a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "A" : "AAAA")} {a}"))}
        other A 192.0.2.200

        """;
}

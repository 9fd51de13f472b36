using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>Settings that every driver of a DNS server shares: the name that clients look up, and what it may answer.</summary>
internal sealed record DnsName
{
    private const int DefaultPort = 53;
    private const int LongestName = 253;

    /// <summary>The zone that holds the name.</summary>
    public required DomainName Zone { get; init; }

    /// <summary>The name that clients look up.</summary>
    public required DomainName Name { get; init; }

    /// <summary>Zone and name as one text, for files about them; DNS does not tell capitals from small letters.</summary>
    public string Identity => $"{Zone} {Name}".ToLowerInvariant();

    /// <summary>Where the step record is kept: <c>_kum</c> below the name.</summary>
    public required DomainName RecordName { get; init; }

    /// <summary>The authoritative servers that clients' resolvers ask; empty takes those of the zone's NS records.</summary>
    public required IReadOnlyList<IPEndPoint> Servers { get; init; }

    /// <summary>Port of every server that is given without one, or found by NS records. Default 53.</summary>
    public required int Port { get; init; }

    /// <summary>Time to live of the published records, in whole seconds. 1 second to 1 hour. Default 30 seconds.</summary>
    public required TimeSpan Ttl { get; init; }

    /// <summary>Bound of one question or update. 100 milliseconds to 30 seconds. Default 2 seconds.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>How long it may take until every authoritative server answers the same. 1 second to 10 minutes. Default 30 seconds.</summary>
    public required TimeSpan Settle { get; init; }

    /// <summary>The addresses of both clusters.</summary>
    public required AddressSets Addresses { get; init; }

    /// <summary>Binds what is shared; problems are noted in <paramref name="settings"/>.</summary>
    public static DnsName Bind(DriverSettings settings)
    {
        var zone = Domain(settings, "zone");
        var name = Domain(settings, "name");
        if (!name.IsEqualOrSubDomainOf(zone))
        {
            settings.Wrong("name", $"is not in the zone {zone}");
        }

        if (name.ToString().Length > LongestName - "_kum.".Length)
        {
            settings.Wrong("name", "is too long to hold a step record below it");
        }

        var port = settings.Number("port", DefaultPort, 1, 65_535);
        var ttl = settings.Duration("ttl", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        if (ttl.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            settings.Wrong("ttl", "must be whole seconds");
        }

        var sets = new AddressSets(AddressList(settings, "addressesX"), AddressList(settings, "addressesY"), name.ToString().Length + 6);
        CheckAddresses(settings, sets);
        return new DnsName
        {
            Zone = zone,
            Name = name,
            RecordName = new DomainName(["_kum", .. name.Labels]),
            Servers = [.. Words(settings.Optional("servers", "")).Select(w => EndPoint(settings, "servers", w, port))],
            Port = port,
            Ttl = ttl,
            Timeout = settings.Duration("timeout", TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)),
            Settle = settings.Duration("settle", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
            Addresses = sets,
        };
    }

    /// <summary>An address with or without a port. Names are not taken: the way back must not need another lookup.</summary>
    public static IPEndPoint EndPoint(DriverSettings settings, string key, string text, int port)
    {
        if (IPAddress.TryParse(text.Trim('[', ']'), out var address) && !text.EndsWith("]:", StringComparison.Ordinal))
        {
            return new IPEndPoint(address, port);
        }

        if (IPEndPoint.TryParse(text, out var endPoint) && endPoint.Port > 0)
        {
            return endPoint;
        }

        if (text.Length > 0)
        {
            settings.Wrong(key, $"has \"{text}\"; an IP address is needed, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353");
        }

        return new IPEndPoint(IPAddress.None, port);
    }

    private static void CheckAddresses(DriverSettings settings, AddressSets sets)
    {
        foreach (var family in sets.Families)
        {
            var (x, y, kind) = (sets.X(family), sets.Y(family), family == AddressFamily.InterNetwork ? "IPv4" : "IPv6");
            if (x.Count == 0 || y.Count == 0)
            {
                settings.Wrong(x.Count == 0 ? "addressesX" : "addressesY", $"has no {kind} address although the other cluster has: such clients would see another split");
            }

            if (x.Intersect(y).Any())
            {
                settings.Wrong("addressesY", $"shares {string.Join(", ", x.Intersect(y))} with addressesX");
            }

            if (Math.Max(x.Count, y.Count) > sets.Most(family))
            {
                settings.Wrong(x.Count > y.Count ? "addressesX" : "addressesY", string.Create(CultureInfo.InvariantCulture, $"has more than the {sets.Most(family)} {kind} addresses that fit into an answer of 512 bytes"));
            }
        }
    }

    private static DomainName Domain(DriverSettings settings, string key)
    {
        var text = settings.Required(key);
        if (text.Length > 0 && DomainName.TryParse(text.TrimEnd('.'), out var name) && name is { LabelCount: > 0 })
        {
            return name;
        }

        if (text.Length > 0)
        {
            settings.Wrong(key, $"is \"{text}\"; a domain name is needed");
        }

        return DomainName.Root;
    }

    private static List<IPAddress> AddressList(DriverSettings settings, string key)
    {
        var addresses = new List<IPAddress>();
        foreach (var word in Words(settings.Required(key)))
        {
            if (!IPAddress.TryParse(word, out var address) || addresses.Contains(address))
            {
                settings.Wrong(key, $"has \"{word}\"; distinct IP addresses, separated by commas, are needed");
                continue;
            }

            addresses.Add(address);
        }

        return addresses;
    }

    private static string[] Words(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

using System.Net;

namespace KongUpgradeMesh.Lab.StandInKong.Configuration;

/// <summary>One address of <c>proxy_listen</c>, <c>admin_listen</c> or <c>status_listen</c>.</summary>
internal sealed record ListenAddress(IPAddress Address, int Port)
{
    /// <summary>Reads a comma separated list such as <c>127.0.0.1:8000 reuseport, 0.0.0.0:8443 ssl</c>; TLS listeners are left out, <c>off</c> is none.</summary>
    public static IReadOnlyList<ListenAddress> ParseList(string value)
    {
        if (value.Trim() is "" or "off")
        {
            return [];
        }

        var addresses = new List<ListenAddress>();
        foreach (var entry in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var words = entry.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Contains("ssl", StringComparer.Ordinal))
            {
                continue;
            }

            var colon = words[0].LastIndexOf(':');
            var host = words[0][..Math.Max(colon, 0)].Trim('[', ']');
            if (colon < 1 || !int.TryParse(words[0][(colon + 1)..], out var port) || port is < 0 or > 65535)
            {
                throw new FormatException($"{entry} is not an address of the form ip:port");
            }

            addresses.Add(new ListenAddress(host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(host), port));
        }

        return addresses;
    }
}

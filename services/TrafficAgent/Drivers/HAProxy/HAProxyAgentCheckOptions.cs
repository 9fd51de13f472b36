using System.Net;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>Settings of the mode <c>agent-check</c>.</summary>
internal sealed record HAProxyAgentCheckOptions
{
    /// <summary>Address and port of this host where HAProxy asks.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>The server whose weight is X's share, as <c>backend/server</c>. Default <c>kum-split/x</c>.</summary>
    public required string Server { get; init; }

    /// <summary>How long HAProxy may take to ask and follow. 100 milliseconds to 1 minute. Default 3 seconds.</summary>
    public required TimeSpan Settle { get; init; }

    /// <summary>Binds the settings of the mode.</summary>
    public static HAProxyAgentCheckOptions Bind(DriverSettings settings)
    {
        var listen = settings.Required("listen");
        if (!IPEndPoint.TryParse(listen, out var address) || address.Port == 0)
        {
            address = new IPEndPoint(IPAddress.Loopback, 0);
            if (listen.Length > 0)
            {
                settings.Wrong("listen", $"is \"{listen}\"; an address of this host with a port is needed, such as 10.0.0.7:9707");
            }
        }

        var server = settings.Optional("server", "kum-split/x");
        if (server.Split('/') is not [{ Length: > 0 }, { Length: > 0 }] || server.Any(HAProxyOptions.EndsWord))
        {
            settings.Wrong("server", $"is \"{server}\"; backend/server is needed");
        }

        return new HAProxyAgentCheckOptions
        {
            Listen = address,
            Server = server,
            Settle = settings.Duration("settle", TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
        };
    }
}

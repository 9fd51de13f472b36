using KongUpgradeMesh.TrafficAgent.Drivers.Dns;

namespace KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;

/// <summary>Settings of the powerdns driver; no record, whose text would hold the key.</summary>
internal sealed class PowerDnsOptions
{
    /// <summary>What is published; its servers are all authoritative servers of the zone, at least one.</summary>
    public required DnsName Published { get; init; }

    /// <summary>Address of the API, without <c>/api/v1</c>.</summary>
    public required Uri Api { get; init; }

    /// <summary>The API key.</summary>
    public required string ApiKey { get; init; }

    /// <summary>Id of the server in the API. Default <c>localhost</c>, which every PowerDNS answers to.</summary>
    public required string ServerId { get; init; }

    /// <summary>Whether every client always comes by the same resolver address, or its resolver tells the client's own (EDNS client subnet). Default false.</summary>
    public required bool StableResolvers { get; init; }

    /// <summary>Binds and validates the settings.</summary>
    public static PowerDnsOptions Bind(DriverSettings settings)
    {
        var published = DnsName.Bind(settings);
        if (published.Servers.Count == 0)
        {
            settings.Wrong("servers", "is required: every server that resolvers may ask, the one behind the API too");
        }

        var text = settings.Required("api");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var api) || api.Scheme is not ("http" or "https"))
        {
            if (text.Length > 0)
            {
                settings.Wrong("api", $"is \"{text}\"; an http or https address is needed, such as http://127.0.0.1:8081");
            }

            api = new Uri("http://127.0.0.1/");
        }

        var key = settings.Secret("apiKey");
        if (key.Any(char.IsControl))
        {
            settings.Wrong("apiKey", "refers to a text with line breaks or other control characters");
        }

        var options = new PowerDnsOptions
        {
            Published = published,
            Api = api,
            ApiKey = key,
            ServerId = settings.Optional("serverId", "localhost"),
            StableResolvers = settings.Switch("stableResolvers", false),
        };
        settings.ThrowIfWrong();
        return options;
    }
}

using System.Net;
using ARSoft.Tools.Net;
using ARSoft.Tools.Net.Dns;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>Settings of the dns driver.</summary>
internal sealed record DnsOptions
{
    private static readonly Dictionary<string, TSigAlgorithm> Algorithms = new(StringComparer.OrdinalIgnoreCase)
    {
        ["hmac-sha256"] = TSigAlgorithm.Sha256,
        ["hmac-sha384"] = TSigAlgorithm.Sha384,
        ["hmac-sha512"] = TSigAlgorithm.Sha512,
    };

    /// <summary>What is published.</summary>
    public required DnsName Published { get; init; }

    /// <summary>The primary server, which takes updates.</summary>
    public required IPEndPoint Server { get; init; }

    /// <summary>Name of the TSIG key.</summary>
    public required DomainName Key { get; init; }

    /// <summary>Algorithm of the key: hmac-sha256 (default), hmac-sha384 or hmac-sha512.</summary>
    public required TSigAlgorithm Algorithm { get; init; }

    /// <summary>The shared secret.</summary>
    public required byte[] Secret { get; init; }

    /// <summary>Binds and validates the settings.</summary>
    public static DnsOptions Bind(DriverSettings settings)
    {
        var published = DnsName.Bind(settings);
        var algorithm = settings.Optional("tsigAlgorithm", "hmac-sha256");
        if (!Algorithms.ContainsKey(algorithm))
        {
            settings.Wrong("tsigAlgorithm", $"is \"{algorithm}\"; one of {string.Join(", ", Algorithms.Keys)} is needed");
        }

        var key = settings.Required("tsigKey");
        if (!DomainName.TryParse(key.TrimEnd('.'), out var keyName) || keyName is null)
        {
            settings.Wrong("tsigKey", "is not the name of a key");
        }

        var options = new DnsOptions
        {
            Published = published,
            Server = DnsName.EndPoint(settings, "server", settings.Required("server"), published.Port),
            Key = keyName ?? DomainName.Root,
            Algorithm = Algorithms.GetValueOrDefault(algorithm, TSigAlgorithm.Sha256),
            Secret = SecretBytes(settings),
        };
        settings.ThrowIfWrong();
        return options;
    }

    private static byte[] SecretBytes(DriverSettings settings)
    {
        var text = settings.Secret("tsigSecret").Trim();
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text, bytes, out var length) || (text.Length > 0 && length == 0))
        {
            settings.Wrong("tsigSecret", "does not refer to a secret in base64, as tsig-keygen and keymgr print it");
        }

        return bytes[..length];
    }
}

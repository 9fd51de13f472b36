using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KongUpgradeMesh.TrafficAgent.Drivers.External;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Webhook;

/// <summary>Settings of the webhook driver.</summary>
internal sealed record WebhookOptions
{
    private const string Header = "header.";

    /// <summary>The service: asked with GET, ordered with PUT.</summary>
    public required Uri Url { get; init; }

    /// <summary>Request headers, among them the bearer token. Default none.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The certificates (PEM) that may have signed the service's; null for those that the system trusts.</summary>
    public required string? Authorities { get; init; }

    /// <summary>Bound of one request. 100 milliseconds to 2 minutes. Default 5 seconds.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>What is promised.</summary>
    public required ExternalOptions External { get; init; }

    /// <summary>Binds and validates the settings.</summary>
    public static WebhookOptions Bind(DriverSettings settings)
    {
        var headers = settings.NamesBehind(Header).ToDictionary(static n => n, n => settings.OptionalSecret(Header + n) ?? "", StringComparer.OrdinalIgnoreCase);
        if (settings.OptionalSecret("token") is { } token)
        {
            headers["Authorization"] = $"Bearer {token}";
        }

        foreach (var (name, value) in headers.Where(static h => !IsHeader(h.Key) || h.Value.Any(char.IsControl)))
        {
            settings.Wrong(name == "Authorization" ? "token" : Header + name, "is no header that can be sent: check its name, and its value for line breaks");
        }

        var options = new WebhookOptions
        {
            Url = Address(settings, headers.Count > 0),
            Headers = headers,
            Authorities = ReadAuthorities(settings),
            Timeout = settings.Duration("timeout", TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(2)),
            External = ExternalOptions.Bind(settings),
        };
        settings.ThrowIfWrong();
        return options;
    }

    private static Uri Address(DriverSettings settings, bool withSecrets)
    {
        var text = settings.Required("url");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            if (text.Length > 0)
            {
                settings.Wrong("url", "must be an absolute address with http or https");
            }

            return new Uri("http://127.0.0.1/");
        }

        if (url.UserInfo.Length > 0)
        {
            settings.Wrong("url", "must not contain a password; use token or header.NAME");
        }

        if (withSecrets && url.Scheme == "http" && !url.IsLoopback)
        {
            settings.Wrong("url", "must be https: a secret header would cross the network in the clear");
        }

        return url;
    }

    private static string? ReadAuthorities(DriverSettings settings)
    {
        var path = settings.Optional("caFile", "");
        if (path.Length == 0)
        {
            return null;
        }

        try
        {
            var pem = File.ReadAllText(path);
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            if (certificates.Count > 0)
            {
                return pem;
            }

            settings.Wrong("caFile", $"is {path}, which holds no PEM certificate");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            settings.Wrong("caFile", $"cannot be read as PEM certificates: {exception.Message}");
        }

        return null;
    }

    private static bool IsHeader(string name) => name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}

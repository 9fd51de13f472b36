namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx;

/// <summary>The settings that both modes of the nginx driver read alike.</summary>
internal static class NginxSettings
{
    /// <summary>An http address.</summary>
    public static Uri Url(DriverSettings settings, string key)
    {
        var address = settings.Required(key);
        if (Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
        {
            return url;
        }

        if (address.Length > 0)
        {
            settings.Wrong(key, $"is \"{address}\"; an http address is needed");
        }

        return new Uri("http://127.0.0.1/");
    }

    /// <summary>The request header by which the share is probed; null for <c>none</c>.</summary>
    public static string? ProbeHeader(DriverSettings settings)
    {
        var header = settings.Optional("probeHeader", "apikey");
        if (header.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
        {
            settings.Wrong("probeHeader", "must be the name of a request header, or none");
        }

        return header == "none" ? null : header;
    }

    /// <summary>The bound of one question.</summary>
    public static TimeSpan Timeout(DriverSettings settings) =>
        settings.Duration("timeout", TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30));
}

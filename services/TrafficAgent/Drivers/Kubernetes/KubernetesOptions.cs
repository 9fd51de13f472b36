using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes.Presets;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Kubernetes;

/// <summary>Settings of the kubernetes driver.</summary>
internal sealed record KubernetesOptions
{
    private const string Account = "/var/run/secrets/kubernetes.io/serviceaccount/";

    /// <summary>The kind of the object.</summary>
    public required KubernetesPreset Preset { get; init; }

    /// <summary>Version of the object's API group. Default: the preset's.</summary>
    public required string Version { get; init; }

    /// <summary>Namespace of the object.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the object.</summary>
    public required string Name { get; init; }

    /// <summary>Cluster X's backend as the object names it.</summary>
    public required string BackendX { get; init; }

    /// <summary>Cluster Y's backend as the object names it.</summary>
    public required string BackendY { get; init; }

    /// <summary>Which rules of a route are driven, by position from 0; empty for every rule that leads to X and Y. Default empty.</summary>
    public required IReadOnlyList<int> Rules { get; init; }

    /// <summary>The label of a Service's selector that tells X from Y; used by the preset <c>service</c> only.</summary>
    public required string Label { get; init; }

    /// <summary>The API server: https, or http to this host itself (<c>kubectl proxy</c>). Default <c>https://kubernetes.default.svc</c>.</summary>
    public required Uri Server { get; init; }

    /// <summary>File with the bearer token, read for each request since it is rotated; never sent over http. Default: the pod's own account.</summary>
    public required string TokenFile { get; init; }

    /// <summary>Certificates (PEM) that may have signed the server's; null for those that the system trusts. Default: the pod's own account.</summary>
    public string? Authorities { get; init; }

    /// <summary>Bound of one request. 100 milliseconds to 30 seconds. Default 3 seconds.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>How long a controller may take to report that it follows, where it does. 1 second to 5 minutes. Default 15 seconds.</summary>
    public TimeSpan Settle { get; init; }

    /// <summary>How long the data plane may still follow the old split after that. 0 to 5 minutes. Default 5 seconds.</summary>
    public TimeSpan Lag { get; init; }

    /// <summary>The group and version as in a manifest's <c>apiVersion</c>.</summary>
    public string ApiVersion => Preset.Group.Length == 0 ? Version : $"{Preset.Group}/{Version}";

    /// <summary>The object's kind as kubectl and rules name it.</summary>
    public string QualifiedResource => Preset.Group.Length == 0 ? Preset.Resource : $"{Preset.Resource}.{Preset.Group}";

    /// <summary>Address of the object below the server.</summary>
    public string Path => $"{(Preset.Group.Length == 0 ? "api" : "apis")}/{ApiVersion}/namespaces/{Namespace}/{Preset.Resource}/{Name}";

    /// <summary>Binds and validates the settings.</summary>
    public static KubernetesOptions Bind(DriverSettings settings)
    {
        var preset = Known(settings, settings.Required("preset"));
        var server = Address(settings, settings.Optional("server", "https://kubernetes.default.svc"));
        var authorities = settings.Optional("caFile", Account + "ca.crt");
        var options = new KubernetesOptions
        {
            Preset = preset,
            Version = Word(settings, "version", settings.Optional("version", preset.Version)),
            Namespace = Word(settings, "namespace", settings.Required("namespace")),
            Name = Word(settings, "name", settings.Required("name")),
            BackendX = settings.Required("backendX"),
            BackendY = settings.Required("backendY"),
            Rules = Positions(settings, settings.Optional("rules", "all")),
            Label = preset is ServiceSelector ? settings.Required("label") : settings.Optional("label", ""),
            Server = server,
            TokenFile = settings.Optional("tokenFile", Account + "token"),
            Authorities = server.Scheme == "http" || authorities == "system" ? null : Certificates(settings, authorities),
            Timeout = settings.Duration("timeout", TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30)),
            Settle = settings.Duration("settle", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
            Lag = settings.Duration("lag", TimeSpan.FromSeconds(5), TimeSpan.Zero, TimeSpan.FromMinutes(5)),
        };
        if (options.BackendX == options.BackendY && options.BackendX.Length > 0)
        {
            settings.Wrong("backendY", "is the same backend as backendX");
        }

        settings.ThrowIfWrong();
        return options;
    }

    private static KubernetesPreset Known(DriverSettings settings, string name)
    {
        if (KubernetesPresets.All.TryGetValue(name, out var preset))
        {
            return preset;
        }

        if (name.Length > 0)
        {
            settings.Wrong("preset", $"is \"{name}\"; known are {string.Join(", ", KubernetesPresets.All.Keys)}");
        }

        return KubernetesPresets.All["httproute"];
    }

    private static Uri Address(DriverSettings settings, string text)
    {
        // A token must not travel in the clear, so http is for a proxy on this host that brings its own credentials.
        if (Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var server) && (server.Scheme == "https" || (server.Scheme == "http" && server.IsLoopback)))
        {
            return server;
        }

        settings.Wrong("server", $"is \"{text}\"; an https address is needed, or http on this host for kubectl proxy");
        return new Uri("https://127.0.0.1/");
    }

    private static string Word(DriverSettings settings, string key, string value)
    {
        if (value.Any(static c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '.')))
        {
            settings.Wrong(key, $"is \"{value}\"; small letters, digits, - and . are allowed");
        }

        return value;
    }

    private static List<int> Positions(DriverSettings settings, string text)
    {
        var positions = new List<int>();
        foreach (var word in text == "all" ? [] : text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            {
                positions.Add(position);
            }
            else
            {
                settings.Wrong("rules", $"is \"{text}\"; all, or positions from 0 such as 0,2 are needed");
                break;
            }
        }

        return positions;
    }

    private static string? Certificates(DriverSettings settings, string file)
    {
        try
        {
            var text = File.ReadAllText(file);
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(text);
            if (certificates.Count > 0)
            {
                return text;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // Said below, as for a file without a certificate.
        }

        settings.Wrong("caFile", $"is \"{file}\", in which no certificate can be read; name the file with the cluster's certificate authority, or system");
        return null;
    }
}

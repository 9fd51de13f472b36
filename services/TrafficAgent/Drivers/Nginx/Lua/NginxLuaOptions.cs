namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Lua;

/// <summary>Settings of the nginx driver with <c>mode: lua</c>.</summary>
public sealed record NginxLuaOptions
{
    /// <summary>The control location, where <c>kum-split.lua</c> answers. nginx takes writes from loopback addresses only.</summary>
    public required Uri ControlUrl { get; init; }

    /// <summary>The secret that the control location asks for, as nginx's <c>$kum_token_file</c> holds it; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>Request header that is part of the sticky key, by which the share is probed; null when there is none. Default <c>apikey</c>.</summary>
    public string? ProbeHeader { get; init; }

    /// <summary>Bound of one question. 100 milliseconds to 30 seconds. Default 2 seconds.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>Binds and validates the settings.</summary>
    public static NginxLuaOptions Bind(DriverSettings settings)
    {
        var token = settings.Optional("token", "");
        if (token.Any(static c => !char.IsAscii(c) || char.IsControl(c)))
        {
            settings.Wrong("token", "must be one line of ASCII characters");
        }

        var options = new NginxLuaOptions
        {
            ControlUrl = NginxSettings.Url(settings, "controlUrl"),
            Token = token.Length > 0 ? token : null,
            ProbeHeader = NginxSettings.ProbeHeader(settings),
            Timeout = NginxSettings.Timeout(settings),
        };
        settings.ThrowIfWrong();
        return options;
    }

    /// <summary>Without the token.</summary>
    public override string ToString() => $"{ControlUrl}";
}

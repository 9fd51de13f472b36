using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Lua;
using KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx;

/// <summary>Makes nginx drivers; the setting <c>mode</c> says how the split gets into nginx: <c>reload</c> (default) or <c>lua</c>.</summary>
public sealed class NginxTrafficDriverFactory(IProgramRunner programs, TimeProvider clock) : ITrafficDriverFactory, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = Timeout.InfiniteTimeSpan, // Each question brings its own bound.
        MaxResponseContentBufferSize = 64 * 1024,
    };

    /// <inheritdoc/>
    public string Name => "nginx";

    /// <inheritdoc/>
    public ITrafficDriver Create(DriverSettings settings)
    {
        var mode = settings.Optional("mode", "reload");
        if (mode == "lua")
        {
            return new NginxLuaDriver(NginxLuaOptions.Bind(settings), _http, clock);
        }

        if (mode != "reload")
        {
            settings.Wrong("mode", $"is \"{mode}\"; reload or lua is needed");
        }

        return new NginxReloadDriver(NginxReloadOptions.Bind(settings), _http, programs, clock);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}

using KongUpgradeMesh.Kong.Programs;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx;

/// <summary>Makes nginx drivers.</summary>
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
    public ITrafficDriver Create(DriverSettings settings) => new NginxTrafficDriver(NginxOptions.Bind(settings), _http, programs, clock);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}

using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.TrafficAgent.Drivers.Dns;
using Microsoft.Extensions.Options;

namespace KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;

/// <summary>Makes drivers of PowerDNS Authoritative Server.</summary>
public sealed class PowerDnsTrafficDriverFactory(IOptions<AgentOptions> agent, TtlNotes notes, TimeProvider clock) : ITrafficDriverFactory, IDisposable
{
    private readonly Dictionary<Uri, HttpClient> _http = [];

    /// <inheritdoc/>
    public string Name => "powerdns";

    /// <inheritdoc/>
    public ITrafficDriver Create(DriverSettings settings)
    {
        var options = PowerDnsOptions.Bind(settings);
        return new PowerDnsTrafficDriver(options, ClientOf(options.Api), LockFileOf(options), notes, clock);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var client in _http.Values)
        {
            client.Dispose();
        }
    }

    private HttpClient ClientOf(Uri api)
    {
        lock (_http)
        {
            if (!_http.TryGetValue(api, out var client))
            {
                _http[api] = client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
                {
                    BaseAddress = new Uri(api.ToString().TrimEnd('/')),
                    Timeout = Timeout.InfiniteTimeSpan, // Each call brings its own bound.
                    MaxResponseContentBufferSize = 16 * 1024 * 1024,
                };
            }

            return client;
        }
    }

    // One lock for one name, whoever of this host's agents writes it.
    private string LockFileOf(PowerDnsOptions options) => Path.Combine(agent.Value.StateDirectory, "locks", $"powerdns-{FileLabel.Of(options.Published.Identity)}.lock");
}

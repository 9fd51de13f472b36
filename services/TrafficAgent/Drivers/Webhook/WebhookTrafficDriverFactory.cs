using KongUpgradeMesh.TrafficAgent.Drivers.External;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Webhook;

/// <summary>Makes drivers that call a service.</summary>
public sealed class WebhookTrafficDriverFactory(TimeProvider clock) : ITrafficDriverFactory, IDisposable
{
    private readonly WebhookClients _clients = new();

    /// <inheritdoc/>
    public string Name => "webhook";

    /// <inheritdoc/>
    public ITrafficDriver Create(DriverSettings settings)
    {
        var options = WebhookOptions.Bind(settings);
        return new ExternalTrafficDriver(options.External, new WebhookBalancer(options, _clients.For(options.Authorities), clock), clock);
    }

    /// <inheritdoc/>
    public void Dispose() => _clients.Dispose();
}

using MassTransit;
using Microsoft.Extensions.Logging;

namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>What the dispatcher believes about the broker: a failed send must not be blamed on a message while the broker is away.</summary>
internal sealed class Broker(IBusControl bus, ILogger logger)
{
    private volatile bool _isAway;

    /// <summary>Whether sends are mere probes; ends with the first one that succeeds or when the bus says it is well.</summary>
    public bool IsAway
    {
        get
        {
            if (_isAway && bus.CheckHealth().Status == BusHealthStatus.Healthy)
            {
                Reached();
            }

            return _isAway;
        }
    }

    public bool IsHealthy => bus.CheckHealth().Status == BusHealthStatus.Healthy;

    public void Reached()
    {
        if (_isAway)
        {
            _isAway = false;
            Log.BrokerBack(logger);
        }
    }

    /// <summary>Called after a failed send; true when the broker, not the message or its destination, is to blame.</summary>
    public bool IsToBlame(Exception exception)
    {
        if (exception is not ConnectionException && AnyEndpointIsConnected())
        {
            return false;
        }

        Lose(exception);
        return true;
    }

    // The bus as a whole says too little: MassTransit calls one that lost its broker merely degraded, because its own
    // temporary endpoint counts as healthy for as long as nobody has used it. So the other endpoints are asked.
    private bool AnyEndpointIsConnected()
    {
        var health = bus.CheckHealth();
        return health.Endpoints.Values.Any(endpoint => endpoint.Status == BusHealthStatus.Healthy && endpoint.InputAddress.AbsolutePath != bus.Address.AbsolutePath);
    }

    public void Lose(Exception? exception)
    {
        if (!_isAway)
        {
            _isAway = true;
            Log.BrokerLost(logger, exception);
        }
    }
}

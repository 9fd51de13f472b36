namespace KongUpgradeMesh.Lab.Load;

/// <summary>What load is made.</summary>
public sealed record LoadOptions
{
    /// <summary>The load balancer, plain HTTP: scheme, host and port.</summary>
    public required Uri Target { get; init; }

    /// <summary>The clients, taken in turn.</summary>
    public required IReadOnlyList<LoadClient> Clients { get; init; }

    /// <summary>The mix, taken in turn by weight.</summary>
    public required IReadOnlyList<LoadRequest> Requests { get; init; }

    /// <summary>Requests a second, all clients together. Default 100.</summary>
    public double RatePerSecond { get; init; } = 100;

    /// <summary>Limit of one request from the first byte sent to the last received. Default 10 seconds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Requests that may be open at once; what is due beyond is skipped and counted as skipped. Default 512.</summary>
    public int MaximumInFlight { get; init; } = 512;

    /// <summary>Told of every finished request beside the report; null tells nobody.</summary>
    public LoadObserver? Observer { get; init; }
}

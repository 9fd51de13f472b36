namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>What a DNS driver can do about the time to live of the name's addresses alone.</summary>
internal interface ITtlBalancer
{
    /// <summary>The longest one that is published.</summary>
    Task<TimeSpan> ReadTtlAsync(CancellationToken cancellationToken);

    /// <summary>Publishes the same addresses with another time to live; refused when they change meanwhile.</summary>
    Task WriteTtlAsync(TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>Waits until no authoritative server publishes a longer one.</summary>
    Task AwaitTtlAsync(TimeSpan most, CancellationToken cancellationToken);

    /// <summary>Whether the split belongs to another upgrade, which needs the time to live as it is.</summary>
    Task<bool> IsOthersAsync(Guid upgradeId, CancellationToken cancellationToken);
}

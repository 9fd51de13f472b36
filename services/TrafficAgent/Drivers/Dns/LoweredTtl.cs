namespace KongUpgradeMesh.TrafficAgent.Drivers.Dns;

/// <summary>That a name's time to live was lowered for an upgrade; on disk before it is done.</summary>
internal sealed record LoweredTtl
{
    /// <summary>The upgrade that needs it low.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Its newest epoch that does.</summary>
    public required int Epoch { get; init; }

    /// <summary>The time to live that was found: to be waited for, and to be put back.</summary>
    public required TimeSpan Original { get; init; }

    /// <summary>When every authoritative server was seen to publish the low one; null before.</summary>
    public DateTimeOffset? Since { get; init; }
}

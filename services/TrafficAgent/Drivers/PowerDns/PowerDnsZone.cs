namespace KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;

/// <summary>A zone, or changes of one.</summary>
internal sealed record PowerDnsZone
{
    /// <summary>Native, Master or Slave (Primary or Secondary in later versions); not part of a change.</summary>
    public string? Kind { get; init; }

    /// <summary>Its sets of records.</summary>
    public IReadOnlyList<PowerDnsRecordSet> Rrsets { get; init; } = [];
}

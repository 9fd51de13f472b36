namespace KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;

/// <summary>One record.</summary>
/// <param name="Content">Its text as in a zone file.</param>
/// <param name="Disabled">Whether it is kept without being published.</param>
internal sealed record PowerDnsRecord(string Content, bool Disabled);

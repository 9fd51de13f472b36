namespace KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;

/// <summary>One setting that the server runs with.</summary>
/// <param name="Name">Its name in pdns.conf.</param>
/// <param name="Value">Its value.</param>
internal sealed record PowerDnsSetting(string Name, string Value);

using Refit;

namespace KongUpgradeMesh.TrafficAgent.Drivers.PowerDns;

/// <summary>The part of the HTTP API of PowerDNS Authoritative Server 4.5 and later that the driver uses.</summary>
internal interface IPowerDnsApi
{
    /// <summary>A zone with the records of one name.</summary>
    /// <param name="key">The API key.</param>
    /// <param name="server">Id of the server.</param>
    /// <param name="zone">The zone, with its last dot.</param>
    /// <param name="name">The name, with its last dot; a server that does not know this filter gives all of them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Get("/api/v1/servers/{server}/zones/{zone}")]
    Task<PowerDnsZone> GetZoneAsync([Header("X-API-Key")] string key, string server, string zone, [AliasAs("rrset_name")] string name, CancellationToken cancellationToken);

    /// <summary>Replaces or deletes sets of records, all of them or none.</summary>
    /// <param name="key">The API key.</param>
    /// <param name="server">Id of the server.</param>
    /// <param name="zone">The zone, with its last dot.</param>
    /// <param name="changes">The sets.</param>
    /// <param name="cancellationToken">Gives up; whether it was done is then unknown.</param>
    [Patch("/api/v1/servers/{server}/zones/{zone}")]
    Task PatchZoneAsync([Header("X-API-Key")] string key, string server, string zone, [Body] PowerDnsZone changes, CancellationToken cancellationToken);

    /// <summary>The settings that the server runs with.</summary>
    /// <param name="key">The API key.</param>
    /// <param name="server">Id of the server.</param>
    /// <param name="cancellationToken">Gives up.</param>
    [Get("/api/v1/servers/{server}/config")]
    Task<IReadOnlyList<PowerDnsSetting>> GetSettingsAsync([Header("X-API-Key")] string key, string server, CancellationToken cancellationToken);
}

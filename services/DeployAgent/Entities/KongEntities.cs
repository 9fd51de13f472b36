namespace KongUpgradeMesh.DeployAgent.Entities;

/// <summary>The configuration of a cluster as its database holds it, read in one snapshot. Secrets of credentials are in it: never log it.</summary>
internal sealed record KongEntities
{
    public IReadOnlyList<ServiceEntity> Services { get; init; } = [];

    public IReadOnlyList<RouteEntity> Routes { get; init; } = [];

    public IReadOnlyList<PluginEntity> Plugins { get; init; } = [];

    public IReadOnlyList<CertificateEntity> Certificates { get; init; } = [];

    /// <summary>A bounded sample: an estate may hold millions.</summary>
    public IReadOnlyList<CredentialEntity> Credentials { get; init; } = [];

    /// <summary>Groups of the consumers that occur in <see cref="Credentials"/>.</summary>
    public IReadOnlyList<AclEntity> Groups { get; init; } = [];

    public IReadOnlyList<string> Workspaces { get; init; } = [];

    /// <summary>Targets that occur more than once in their upstream.</summary>
    public IReadOnlyList<string> DuplicateTargets { get; init; } = [];

    /// <summary>Names of the tables that exist.</summary>
    public IReadOnlySet<string> Tables { get; init; } = new HashSet<string>();

    /// <summary>Names of the watched tables that hold at least one row.</summary>
    public IReadOnlySet<string> FilledTables { get; init; } = new HashSet<string>();

    /// <summary>Where a plugin is attached, for people.</summary>
    public string ScopeOf(PluginEntity plugin)
    {
        var scopes = new List<string>();
        if (plugin.RouteId is { } route)
        {
            scopes.Add("route " + (Routes.FirstOrDefault(r => r.Id == route)?.Label ?? route.ToString()));
        }

        if (plugin.ServiceId is { } service)
        {
            scopes.Add("service " + (Services.FirstOrDefault(s => s.Id == service)?.Label ?? service.ToString()));
        }

        if (plugin.ConsumerId is { } consumer)
        {
            scopes.Add("consumer " + consumer);
        }

        if (plugin.ConsumerGroupId is { } group)
        {
            scopes.Add("consumer group " + group);
        }

        return scopes.Count == 0 ? "global" : string.Join(", ", scopes);
    }
}

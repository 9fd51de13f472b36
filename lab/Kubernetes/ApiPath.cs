namespace KongUpgradeMesh.Lab.StandInKubernetes;

/// <summary>A path of the API taken apart.</summary>
internal sealed record ApiPath(string Group, string Version, string Namespace, string Resource, string? Name, string? Subresource)
{
    /// <summary>As messages name it: <c>httproutes.gateway.networking.k8s.io</c>.</summary>
    public string Qualified => Group.Length == 0 ? Resource : $"{Resource}.{Group}";

    /// <summary>As access rules name it: <c>httproutes</c> or <c>httproutes/status</c>.</summary>
    public string FullResource => Subresource is null ? Resource : $"{Resource}/{Subresource}";

    /// <summary>Reads a path of a namespaced resource; null for every other.</summary>
    public static ApiPath? Parse(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["api", var version, "namespaces", var space, var resource, .. var rest] when rest.Length <= 2 => Of("", version, space, resource, rest),
        ["apis", var group, var version, "namespaces", var space, var resource, .. var rest] when rest.Length <= 2 => Of(group, version, space, resource, rest),
        _ => null,
    };

    private static ApiPath Of(string group, string version, string space, string resource, string[] rest) =>
        new(group, version, space, resource, rest.Length > 0 ? rest[0] : null, rest.Length > 1 ? rest[1] : null);
}

namespace KongUpgradeMesh.Lab.StandInKubernetes.Access;

/// <summary>A rule of a Role, with the namespace of its binding. <c>*</c> stands for all.</summary>
public sealed record AccessRule
{
    /// <summary>May do everything.</summary>
    public static AccessRule Everything { get; } = new() { Verbs = ["*"], Group = "*", Resource = "*", Namespace = "*" };

    /// <summary>Verbs: get, list, watch, create, update, patch, delete.</summary>
    public required IReadOnlyList<string> Verbs { get; init; }

    /// <summary>API group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>Resource, with <c>/status</c> for the sub-resource.</summary>
    public required string Resource { get; init; }

    /// <summary>Namespace in which it is granted.</summary>
    public required string Namespace { get; init; }

    /// <summary>Names of objects; empty for all, also those that requests cannot name (list, create).</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    internal bool Allows(string verb, string group, string resource, string space, string? name) =>
        (Verbs.Contains("*") || Verbs.Contains(verb)) && (Group == "*" || Group == group) && (Resource == "*" || Resource == resource)
        && (Namespace == "*" || Namespace == space) && (Names.Count == 0 || (name is not null && Names.Contains(name)));
}

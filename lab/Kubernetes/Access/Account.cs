namespace KongUpgradeMesh.Lab.StandInKubernetes.Access;

/// <summary>Somebody with a bearer token.</summary>
/// <param name="Token">The token.</param>
/// <param name="User">The user's name, such as <c>system:serviceaccount:shift:agent</c>.</param>
/// <param name="Rules">What the user may do.</param>
public sealed record Account(string Token, string User, IReadOnlyList<AccessRule> Rules)
{
    /// <summary>Whether a rule allows the verb.</summary>
    internal bool May(string verb, string group, string resource, string space, string? name) => Rules.Any(rule => rule.Allows(verb, group, resource, space, name));
}

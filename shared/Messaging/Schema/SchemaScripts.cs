using System.Reflection;

namespace KongUpgradeMesh.Messaging.Schema;

/// <summary>A set of numbered SQL scripts embedded in an assembly.</summary>
/// <param name="Assembly">The assembly that holds the resources.</param>
/// <param name="Prefix">Start of the resource names that belong to the set, for example <c>KongUpgradeMesh.Coordinator.Schema.</c>.</param>
public sealed record SchemaScripts(Assembly Assembly, string Prefix)
{
    internal bool Contains(string resource) =>
        resource.StartsWith(Prefix, StringComparison.Ordinal) && resource.EndsWith(".sql", StringComparison.Ordinal);
}

using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKubernetes.Storage;

/// <summary>A change of an object, as watches tell it.</summary>
/// <param name="Revision">The store's revision that it made.</param>
/// <param name="Type">ADDED, MODIFIED or DELETED.</param>
/// <param name="Collection">Group, namespace and resource of the object.</param>
/// <param name="Content">The object after it; before it where it was deleted.</param>
internal sealed record ObjectEvent(long Revision, string Type, string Collection, JsonObject Content);

namespace KongUpgradeMesh.Lab.Mesh;

/// <summary>One process of the mesh as its state file tells it.</summary>
/// <param name="Name">For people, for example <c>traffic-eu1</c>.</param>
/// <param name="Process">Which process it is.</param>
/// <param name="Port">Its loopback port.</param>
/// <param name="Health">Address that answers 200 when it is ready; null for servers that are not ours.</param>
/// <param name="Log">File that takes its output; null where it has its own.</param>
internal sealed record MeshProcess(string Name, ProcessIdentity Process, int Port, string? Health, string? Log);

namespace KongUpgradeMesh.Lab.Mesh;

/// <summary>The mesh cannot be started or stopped; the message is for the person at the terminal.</summary>
internal sealed class MeshException(string message) : Exception(message);

using KongUpgradeMesh.Lab.Load;

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>Clients that all ask for the same mix: those that are on Y differ from those on X only by who serves them.</summary>
/// <param name="Name">What they are.</param>
/// <param name="Share">Their share of all requests, 0 to 1.</param>
/// <param name="Clients">The clients.</param>
/// <param name="Requests">The mix.</param>
public sealed record ClientKind(string Name, double Share, IReadOnlyList<LoadClient> Clients, IReadOnlyList<LoadRequest> Requests);

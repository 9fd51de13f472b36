namespace KongUpgradeMesh.Lab.StandInKong.Node;

/// <summary>The id by which a node names itself; new at each start.</summary>
internal sealed record NodeIdentity(Guid Id);

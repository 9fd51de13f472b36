using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Upgrades;

namespace KongUpgradeMesh.Contracts.Api;

/// <summary>Body of every answer that is not a success.</summary>
public sealed record ApiProblem
{
    /// <summary>What is wrong and what fixes it.</summary>
    public required Failure Failure { get; init; }

    /// <summary>Every problem of the spec with its path. Default empty.</summary>
    public IReadOnlyList<SpecProblem> Problems { get; init; } = [];

    /// <summary>The upgrade that already runs for the cluster; null otherwise.</summary>
    public Guid? RunningUpgradeId { get; init; }
}

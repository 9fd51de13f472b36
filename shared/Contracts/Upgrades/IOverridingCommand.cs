using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>A command that may let an upgrade go on in spite of findings that failed it.</summary>
public interface IOverridingCommand : IOperatorCommand
{
    /// <summary>The findings that no longer fail the upgrade; empty overrides nothing. Needs a reason of at least <see cref="VerdictOverride.ShortestReason"/> characters.</summary>
    IReadOnlyList<FindingRef> Overrides { get; }
}

using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.BackupAgent.Journaling;

/// <summary>A journal that this agent has to install, if that has not been possible yet, and to remove in time.</summary>
public sealed record KeptJournal
{
    /// <summary>The upgrade it belongs to.</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Cluster Y's database; secrets by reference.</summary>
    public required DatabaseSpec Database { get; init; }

    /// <summary>Gives lock time-out and patience, and decides about unknown tables.</summary>
    public required FreezeSpec Freeze { get; init; }

    /// <summary>When it is to be removed.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>Whether it stands; a person who removes it then is not overruled.</summary>
    public bool IsInstalled { get; init; }
}

using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Backup;

/// <summary>Removes the write fence completely from the named clusters.</summary>
public sealed record UnfreezeConfiguration : IStepCommand
{
    /// <summary>Which step and which try this is.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The datacenter whose agent must do it.</summary>
    public required string Datacenter { get; init; }

    /// <summary>How long the work may take from acceptance on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The description of the whole upgrade.</summary>
    public required UpgradeSpec Spec { get; init; }

    /// <summary>Which clusters; one whose database does not exist counts as done.</summary>
    public required IReadOnlyList<ClusterSide> Sides { get; init; }

    /// <summary>Whether writes on cluster Y are recorded from now on, for <see cref="FreezeSpec.JournalFor"/>: true at the end of a completed upgrade. Default false.</summary>
    public bool JournalY { get; init; } = false;
}

using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>Runs <c>kong migrations up</c> and <c>finish</c> with cluster Y's executable on cluster Y's database.</summary>
public sealed record MigrateDatabase : IStepCommand
{
    /// <summary>Which step and which try this is.</summary>
    public required StepRef Step { get; init; }

    /// <summary>The datacenter whose agent must do it.</summary>
    public required string Datacenter { get; init; }

    /// <summary>How long the work may take from acceptance on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The description of the whole upgrade.</summary>
    public required UpgradeSpec Spec { get; init; }
}

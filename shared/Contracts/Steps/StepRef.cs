namespace KongUpgradeMesh.Contracts.Steps;

/// <summary>Identity of one try at one step of one upgrade; the fence against late and doubled commands.</summary>
public sealed record StepRef
{
    /// <summary>The upgrade (one saga instance).</summary>
    public required Guid UpgradeId { get; init; }

    /// <summary>Name of the cluster that is upgraded, for logs and screens.</summary>
    public required string Cluster { get; init; }

    /// <summary>Steps of one lane replace one another: <see cref="StepLanes.Main"/>, <see cref="StepLanes.Watch"/> or <see cref="StepLanes.Guard"/>.</summary>
    public required string Lane { get; init; }

    /// <summary>The step's name within its lane, for example <c>take-backup</c> or <c>shift-25</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Raised by every rollback and every retry; a lower epoch is always refused. Starts at 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Number of the step within the lane over the whole upgrade, starting at 1; a lower one in the same epoch is refused.</summary>
    public required int Sequence { get; init; }

    /// <summary>Number of the try at this step, starting at 1; a lower one of the same step is refused.</summary>
    public required int Attempt { get; init; }
}

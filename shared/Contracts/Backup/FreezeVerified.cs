using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Backup;

/// <summary>Both fences hold and nothing has changed.</summary>
public sealed record FreezeVerified : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Writes refused on cluster X since the freeze.</summary>
    public required long RefusedWrites { get; init; }
}

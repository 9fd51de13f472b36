using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>Run-time state was carried as far as possible. What could not be carried is a finding and no failure: limits are then kept less exactly, nothing breaks.</summary>
public sealed record RuntimeStateCarried : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>The tables that were carried completely; empty when the spec asks for none or cluster X has none.</summary>
    public required IReadOnlyList<CarriedTable> Tables { get; init; }

    /// <summary>Why tables were not carried, or not completely; the next step carries what is missing. Empty when all went well.</summary>
    public required IReadOnlyList<Failure> Findings { get; init; }
}

using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Contracts.Deployment;

/// <summary>Nothing stands in the way.</summary>
public sealed record PreflightPassed : IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    public required StepRef Step { get; init; }

    /// <summary>Name of the reporting agent.</summary>
    public required string Agent { get; init; }

    /// <summary>What was found, by name (versions, majors, sizes), for the timeline.</summary>
    public required IReadOnlyDictionary<string, string> Facts { get; init; }

    /// <summary>What an operator should know although it does not stop the upgrade.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Who writes cluster X's configuration, as far as could be seen. Default empty: nobody was seen, which does not prove that there is nobody.</summary>
    public IReadOnlyList<ConfigurationWriter> Writers { get; init; } = [];
}

namespace KongUpgradeMesh.Contracts.Upgrades;

/// <summary>One thing that is wrong in a spec or message.</summary>
public sealed record SpecProblem
{
    /// <summary>Where, for example <c>traffic.steps[2]</c>; empty for the whole.</summary>
    public required string Path { get; init; }

    /// <summary>What is wrong and what would be right.</summary>
    public required string Message { get; init; }
}

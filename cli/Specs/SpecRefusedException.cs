using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Specs;

/// <summary>A spec that can be read but is not valid.</summary>
/// <param name="problem">Every problem with its path.</param>
public sealed class SpecRefusedException(ApiProblem problem) : Exception(problem.Failure.Message)
{
    /// <summary>Every problem with its path.</summary>
    public ApiProblem Problem => problem;
}

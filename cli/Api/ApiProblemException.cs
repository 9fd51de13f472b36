using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Api;

/// <summary>The request was refused, with a reason and a remedy.</summary>
public sealed class ApiProblemException(ApiProblem problem) : Exception(problem.Failure.Message)
{
    /// <summary>What was answered.</summary>
    public ApiProblem Problem { get; } = problem;
}

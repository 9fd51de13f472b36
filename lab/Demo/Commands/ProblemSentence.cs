using KongUpgradeMesh.Cli.Api;

namespace KongUpgradeMesh.Lab.Demo.Commands;

/// <summary>Words for a refused request.</summary>
internal static class ProblemSentence
{
    /// <summary>The failure with every problem of the spec.</summary>
    public static string Of(ApiProblemException refused) =>
        string.Join(" ", [refused.Problem.Failure.Message, refused.Problem.Failure.Remedy, .. refused.Problem.Problems.Select(static p => $"{p.Path}: {p.Message}.")]);
}

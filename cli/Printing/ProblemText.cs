using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Printing;

/// <summary>What went wrong, as text: code, sentence, details, remedy.</summary>
internal static class ProblemText
{
    public static void Write(TextWriter output, Failure failure)
    {
        output.WriteLine($"{failure.Code}: {failure.Message}");
        foreach (var detail in failure.Details)
        {
            output.WriteLine($"  {detail}");
        }

        output.WriteLine($"  remedy: {failure.Remedy}");
    }

    public static void Write(TextWriter output, ApiProblem problem)
    {
        Write(output, problem.Failure);
        foreach (var wrong in problem.Problems)
        {
            output.WriteLine($"  {(wrong.Path.Length == 0 ? "(whole)" : wrong.Path)}: {wrong.Message}");
        }

        if (problem.RunningUpgradeId is { } running)
        {
            output.WriteLine($"  running: {running}");
        }
    }
}

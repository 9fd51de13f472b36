using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Specs.Reading;

namespace KongUpgradeMesh.Cli.Specs;

/// <summary>Reads a spec on this host, without a coordinator: for commands that must work while nothing else does.</summary>
public static class LocalSpec
{
    /// <summary>Reads and checks the spec at <paramref name="path"/>; <c>-</c> is standard input.</summary>
    /// <exception cref="SpecFileException">The file cannot be read as YAML or JSON.</exception>
    /// <exception cref="SpecRefusedException">It is not a valid spec; lists every problem with its path.</exception>
    public static async Task<UpgradeSpec> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var reading = SpecReader.Read(await SpecFile.ReadAsync(path, cancellationToken));
        return reading.Spec ?? throw new SpecRefusedException(new ApiProblem
        {
            Failure = new Failure
            {
                Code = FailureCodes.SpecInvalid,
                Message = $"The spec has {reading.Problems.Count} problems.",
                Remedy = "Correct the fields below; nothing was changed.",
            },
            Problems = reading.Problems,
        });
    }
}

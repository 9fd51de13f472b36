using KongUpgradeMesh.Kong.Programs;

namespace KongUpgradeMesh.Lab.Demo.Clusters;

/// <summary>A <c>kong</c> executable, the stand-in's or a real one, and the version it says it is.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Version">For example <c>2.8.5</c>.</param>
/// <param name="IsStandIn">Whether it is the lab's stand-in, which can be told to fail.</param>
public sealed record KongExecutable(string Path, Version Version, bool IsStandIn)
{
    /// <summary>Asks the executable for its version.</summary>
    public static async Task<KongExecutable> ProbeAsync(string path, IProgramRunner programs, CancellationToken cancellationToken)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            throw new LabException($"There is no kong executable at {full}.");
        }

        var result = await programs.RunAsync(new ProgramCall { File = full, Arguments = ["version"], Timeout = TimeSpan.FromMinutes(2) }, cancellationToken);
        var text = result.Output.Trim().Split(' ', '\n')[^1];
        if (!result.Succeeded || !Version.TryParse(text.Split('-')[0], out var version))
        {
            throw new LabException($"{full} version answered {result.ExitCode}: {result.Output.Trim()} {result.Error.Trim()}");
        }

        return new KongExecutable(full, version, StandInKong.Owns(full));
    }
}

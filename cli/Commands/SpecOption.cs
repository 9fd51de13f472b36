using System.CommandLine;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary>The option that names a spec file.</summary>
internal static class SpecOption
{
    public static Option<string> Create() => new("--file", "-f")
    {
        Description = "The spec, YAML or JSON; - reads standard input",
        Required = true,
    };
}

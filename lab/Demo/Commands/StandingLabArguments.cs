using System.CommandLine;
using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Demo.Standing;

namespace KongUpgradeMesh.Lab.Demo.Commands;

/// <summary>The options that <c>lab up</c> and <c>lab run</c> share.</summary>
internal sealed class StandingLabArguments
{
    private readonly Option<string> _directory = DirectoryOption();
    private readonly Option<string> _datacenter = new("--datacenter") { Description = "Where the clusters pretend to stand", DefaultValueFactory = static _ => "eu1" };
    private readonly Option<int> _clusters = new("--clusters") { Description = "How many clusters, side by side on one database server", DefaultValueFactory = static _ => 1 };
    private readonly Option<double> _rate = new("--rate") { Description = "Client requests a second to each cluster", DefaultValueFactory = static _ => 40 };
    private readonly Option<string> _kongX = new("--kong-x") { Description = "kong executable of every cluster X", DefaultValueFactory = static _ => StandInKong.DefaultX };
    private readonly Option<string> _kongY = new("--kong-y") { Description = "kong executable of every cluster Y", DefaultValueFactory = static _ => StandInKong.DefaultY };

    /// <summary>The directory, which every command of the lab needs.</summary>
    public static Option<string> DirectoryOption() => new("--dir") { Description = "Directory of the lab; at most 60 characters", Required = true };

    /// <summary>Adds the options to a command.</summary>
    public Command AddTo(Command command)
    {
        foreach (var option in (Option[])[_directory, _datacenter, _clusters, _rate, _kongX, _kongY])
        {
            command.Add(option);
        }

        return command;
    }

    /// <summary>What was asked for.</summary>
    public StandingLabOptions Read(ParseResult parsed) => new()
    {
        Directory = WorkDirectory.Resolve(parsed.GetRequiredValue(_directory), ""),
        Datacenter = parsed.GetRequiredValue(_datacenter),
        Clusters = parsed.GetValue(_clusters),
        RequestsPerSecond = parsed.GetValue(_rate),
        KongX = Path.GetFullPath(parsed.GetRequiredValue(_kongX)),
        KongY = Path.GetFullPath(parsed.GetRequiredValue(_kongY)),
    };
}

using System.CommandLine;
using KongUpgradeMesh.Cli.Commands.Backups;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary>The <c>kum</c> command line.</summary>
public static class KumCommand
{
    /// <summary>Parses and runs; returns the exit code (<see cref="ExitCodes"/>).</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Create().Parse(args);
        if (parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync();
        }

        foreach (var error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync(error.Message);
        }

        await Console.Error.WriteLineAsync("kum --help, or kum <command> --help, shows what is possible.");
        return ExitCodes.Usage;
    }

    private static RootCommand Create()
    {
        var shared = new SharedOptions();
        var root = new RootCommand("Kong Upgrade Mesh: upgrades Kong Gateway clusters by the dual-cluster procedure.")
        {
            shared.Server,
            shared.Output,
            StartCommand.Create(shared),
            ValidateCommand.Create(shared),
            ListCommand.Create(shared),
            StatusCommand.Create(shared),
            WatchCommand.Create(shared),
            ExplainCommand.Create(shared),
            TimelineCommand.Create(shared),
            AgentsCommand.Create(shared),
            FenceCommand.Create(shared),
            BackupsCommand.Create(shared),
            ProbeCommand.Create(),
            FreezeProxyCommand.Create(shared),
            JournalCommand.Create(shared),
            DiffCommand.Create(shared),
        };
        foreach (var command in OperatorCommands.Create(shared))
        {
            root.Add(command);
        }

        return root;
    }
}

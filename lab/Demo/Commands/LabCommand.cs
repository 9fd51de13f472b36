using System.CommandLine;

namespace KongUpgradeMesh.Lab.Demo.Commands;

/// <summary>The command line: <c>demo</c> (also when no command is named) and <c>lab up|down</c>.</summary>
public static class LabCommand
{
    // Ending an environment takes a while: Kong's nodes, then the servers behind them.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Runs a command line; returns the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var root = new RootCommand("The lab of Kong Upgrade Mesh: shows a whole upgrade, or keeps environments to upgrade")
        {
            DemoCommand.Create(TimeProvider.System),
            UpDownCommand.Create(TimeProvider.System),
        };
        var named = arguments is ["demo" or "lab" or "--help" or "-h" or "-?" or "--version", ..] ? arguments : ["demo", .. arguments];
        return await root.Parse(named).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = EndTimeout });
    }
}

using System.CommandLine;
using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Demo.Standing;

namespace KongUpgradeMesh.Lab.Demo.Commands;

/// <summary><c>lab up|down|run</c>: environments that stand until they are taken down, for a mesh of separate processes to upgrade.</summary>
internal static class UpDownCommand
{
    public static Command Create(TimeProvider clock) => new("lab", "Clusters X with client traffic, ready to be upgraded by a real mesh")
    {
        Up(clock),
        Down(clock),
        Run(clock),
    };

    private static Command Up(TimeProvider clock)
    {
        var options = new StandingLabArguments();
        var command = options.AddTo(new Command("up", "Start the lab in the background; specs and lab.json lie in the directory afterwards"));
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            var state = await DetachedLab.StartAsync(options.Read(parsed), clock, cancellationToken);
            foreach (var cluster in state.Clusters)
            {
                await Console.Out.WriteLineAsync($"{cluster.Cluster}: {cluster.From} -> {cluster.To}, clients at {cluster.Balancer}, spec {cluster.SpecFile}");
            }

            return 0;
        }));
        return command;
    }

    private static Command Down(TimeProvider clock)
    {
        var directory = StandingLabArguments.DirectoryOption();
        var command = new Command("down", "Stop the lab; its files stay") { directory };
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            await Console.Out.WriteLineAsync(await DetachedLab.StopAsync(Path.GetFullPath(parsed.GetRequiredValue(directory)), clock, cancellationToken));
            return 0;
        }));
        return command;
    }

    private static Command Run(TimeProvider clock)
    {
        var options = new StandingLabArguments();
        var command = options.AddTo(new Command("run", "Run the lab in the foreground until it is interrupted"));
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            await using var lab = await StandingLab.StartAsync(options.Read(parsed), clock, Console.Out.WriteLine, cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }));
        return command;
    }

    private static async Task<int> GuardAsync(Func<Task<int>> action)
    {
        try
        {
            return await action();
        }
        catch (LabException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }
}

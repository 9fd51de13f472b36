using System.CommandLine;
using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Cli.Live;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Demo.Faults;
using KongUpgradeMesh.Lab.Demo.Reports;
using KongUpgradeMesh.Lab.Demo.Running;
using Spectre.Console;

namespace KongUpgradeMesh.Lab.Demo.Commands;

/// <summary><c>demo</c>: one whole upgrade before your eyes. Exit code 0 completed, 1 failed, 2 rolled back.</summary>
internal static class DemoCommand
{
    private const int Interrupted = 130;

    public static Command Create(TimeProvider clock)
    {
        var fault = new Option<FaultKind?>("--fault") { Description = "What goes wrong with cluster Y at 25 percent: errors, latency, routes, auth or node; shows the automatic rollback" };
        var kongX = new Option<string>("--kong-x") { Description = "kong executable of cluster X", DefaultValueFactory = static _ => StandInKong.DefaultX };
        var kongY = new Option<string>("--kong-y") { Description = "kong executable of cluster Y", DefaultValueFactory = static _ => StandInKong.DefaultY };
        var json = new Option<bool>("--json") { Description = "One JSON object as the last line of standard output; everything for people goes to standard error" };
        var keep = new Option<bool>("--keep") { Description = "Leave databases, logs and backups in the work directory, not only the report" };
        var work = new Option<string?>("--work") { Description = "Work directory; a new one below the temporary directory when left out" };
        var rate = new Option<double>("--rate") { Description = "Client requests a second", DefaultValueFactory = static _ => 120 };
        var command = new Command("demo", "Upgrade a cluster X to a cluster Y under load, verify that no request failed, and report") { fault, kongX, kongY, json, keep, work, rate };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            () => new DemoOptions
            {
                Fault = parsed.GetValue(fault),
                KongX = Path.GetFullPath(parsed.GetRequiredValue(kongX)),
                KongY = Path.GetFullPath(parsed.GetRequiredValue(kongY)),
                Directory = WorkDirectory.Unused(WorkDirectory.Resolve(parsed.GetValue(work), "kum-demo")),
                Keep = parsed.GetValue(keep),
                RequestsPerSecond = parsed.GetValue(rate),
            },
            parsed.GetValue(fault),
            parsed.GetValue(json),
            clock,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Func<DemoOptions> read, FaultKind? fault, bool isJson, TimeProvider clock, CancellationToken cancellationToken)
    {
        var people = isJson ? Console.Error : Console.Out;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(people) });
        var isLive = !isJson && !Console.IsOutputRedirected && console.Profile.Capabilities.Ansi;
        await using var screen = new DemoScreen(people, isLive ? console : null, clock);
        DemoResult result;
        try
        {
            var options = read();
            await RefuseImpossibleAsync(options, clock, cancellationToken);
            result = await new DemoRun(options, clock).RunAsync(screen, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await people.WriteLineAsync("Interrupted; everything that was started has been ended.");
            return Interrupted;
        }
        catch (Exception exception) when (exception is LabException or StepFailedException or CoordinatorUnreachableException or ApiProblemException)
        {
            // An expected kind of trouble, told in a sentence of its own.
            result = DemoResult.NotShown(exception is ApiProblemException refused ? ProblemSentence.Of(refused) : exception.Message, fault);
        }

        await people.WriteAsync(ResultText.Write(result));
        if (isJson)
        {
            await Console.Out.WriteLineAsync(result.ToJsonLine());
        }

        return (int)result.Outcome;
    }

    private static async Task RefuseImpossibleAsync(DemoOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (options.Fault is { } kind && FaultInjection.WhyNot(kind, await KongExecutable.ProbeAsync(options.KongY, new ProgramRunner(clock), cancellationToken)) is { } reason)
        {
            throw new LabException(reason);
        }
    }
}

using System.CommandLine;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Specs.Reading;
using KongUpgradeMesh.Kong.Specs;

namespace KongUpgradeMesh.TrafficAgent.BreakGlass;

/// <summary><c>kum-traffic status|restore</c>: for the day on which neither broker nor coordinator nor agent answers. Run on the traffic agent's host.</summary>
public static class BreakGlassCommand
{
    private const string DefaultState = "/var/lib/kong-upgrade-mesh";

    /// <summary>Whether a command line is one of these and not the service's.</summary>
    public static bool IsMeant(IReadOnlyList<string> args) => args is ["restore" or "status" or "--help" or "-h" or "-?" or "--version", ..];

    /// <summary>Parses and runs; returns the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args)
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

        await Console.Error.WriteLineAsync("kum-traffic --help, or kum-traffic restore --help, shows what is possible.");
        return ExitCodes.Usage;
    }

    private static RootCommand Create()
    {
        var state = new Option<string>("--state")
        {
            Description = "State directory of the host's traffic agents; KUM_Agent__StateDirectory sets another default",
            DefaultValueFactory = static _ => Environment.GetEnvironmentVariable("KUM_Agent__StateDirectory") is { Length: > 0 } directory ? directory : DefaultState,
        };
        var spec = new Option<string?>("--spec") { Description = "The upgrade's spec, YAML or JSON (- is standard input), where the state directory knows nothing" };
        var upgrade = new Option<Guid?>("--upgrade") { Description = "Only this upgrade" };
        var output = new Option<string>("--output", "-o") { Description = "text or json", DefaultValueFactory = static _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        return new RootCommand("Looks at the splits of this host's traffic agents, or puts all traffic back on cluster X, without broker, coordinator and databases.")
        {
            CreateStatus(state, spec, upgrade, output),
            CreateRestore(state, spec, upgrade, output),
        };
    }

    private static Command CreateStatus(Option<string> state, Option<string?> spec, Option<Guid?> upgrade, Option<string> output)
    {
        var command = new Command("status", "Show what each load balancer holds, whether the clusters serve, and what waits to be reported") { state, spec, upgrade, output };
        command.SetAction((parsed, cancellationToken) => GuardAsync(parsed.GetValue(output)!, async text =>
        {
            await using var host = await HostAsync(parsed.GetValue(state)!, parsed.GetValue(spec), cancellationToken);
            var reports = new List<SplitReport>();
            foreach (var split in await host.FindAsync(parsed.GetValue(upgrade), cancellationToken))
            {
                reports.Add(await SplitReport.OfAsync(split, cancellationToken));
            }

            text.Write(reports);
            return reports.All(static r => r.Failure is null) ? ExitCodes.Done : ExitCodes.Failed;
        }, cancellationToken));
        return command;
    }

    private static Command CreateRestore(Option<string> state, Option<string?> spec, Option<Guid?> upgrade, Option<string> output)
    {
        var all = new Option<bool>("--all") { Description = "Every split that is on, where there are several" };
        var force = new Option<bool>("--force") { Description = "Also if cluster X does not answer, was committed away, or the split is not known to be an upgrade's" };
        var within = new Option<int>("--within") { Description = "Seconds for which it is tried, 1 to 3600", DefaultValueFactory = static _ => 30 };
        within.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 3600)
            {
                result.AddError("--within must be 1 to 3600 seconds");
            }
        });
        const string Description = "Put all traffic on cluster X; shifts of the present epoch are refused from then on, and the agent reports it when it has a broker";
        var command = new Command("restore", Description) { state, spec, upgrade, all, force, within, output };
        command.SetAction((parsed, cancellationToken) => GuardAsync(parsed.GetValue(output)!, async text =>
        {
            await using var host = await HostAsync(parsed.GetValue(state)!, parsed.GetValue(spec), cancellationToken);
            var found = await host.FindAsync(parsed.GetValue(upgrade), cancellationToken);
            var chosen = BreakGlassRestore.Choose(found, parsed.GetValue(all), parsed.GetValue(force));
            var exit = ExitCodes.Done;
            if (chosen.Count == 0)
            {
                // What cannot be read is not known to be on X, even if this agent has put it there before.
                text.NothingOn(found);
                exit = found.Any(static s => s.Seen is null) ? ExitCodes.Failed : ExitCodes.Done;
            }

            foreach (var split in chosen)
            {
                var outcome = await BreakGlassRestore.RunAsync(split, parsed.GetValue(force), TimeSpan.FromSeconds(parsed.GetValue(within)), cancellationToken);
                text.Write(outcome);
                exit = Math.Max(exit, outcome.Failure switch
                {
                    null => ExitCodes.Done,
                    { Code: FailureCodes.ClusterUnfit or FailureCodes.StepSuperseded or FailureCodes.SplitForeign } => ExitCodes.WaitsForPerson,
                    _ => ExitCodes.Failed,
                });
            }

            return exit;
        }, cancellationToken));
        return command;
    }

    private static async Task<BreakGlassHost> HostAsync(string state, string? path, CancellationToken cancellationToken)
    {
        if (path is null)
        {
            return new BreakGlassHost(state, null, TimeProvider.System);
        }

        var reading = SpecReader.Read(await SpecFile.ReadAsync(path, cancellationToken));
        UpgradeSpec spec = reading.Spec ?? throw new BreakGlassRefusedException(new Failure
        {
            Code = FailureCodes.SpecInvalid,
            Message = $"The spec has {reading.Problems.Count} problems.",
            Remedy = "Correct the fields below; nothing was changed.",
            Details = [.. reading.Problems.Select(static p => $"{p.Path}: {p.Message}")],
        });
        return new BreakGlassHost(state, spec, TimeProvider.System);
    }

    /// <summary>Runs a command; failures become messages and exit codes here and nowhere else.</summary>
    private static async Task<int> GuardAsync(string output, Func<BreakGlassText, Task<int>> action, CancellationToken cancellationToken)
    {
        var text = new BreakGlassText(output == "json", Console.Out, Console.Error);
        try
        {
            return await action(text);
        }
        catch (BreakGlassRefusedException refused)
        {
            text.Write(refused.Failure);
            return ExitCodes.Refused;
        }
        catch (SpecFileException wrong)
        {
            text.Write(new Failure { Code = FailureCodes.SpecInvalid, Message = wrong.Message, Remedy = "Correct the file; it must be one YAML or JSON document." });
            return ExitCodes.Refused;
        }
        catch (StepFailedException failed)
        {
            text.Write(failed.Failure);
            return ExitCodes.Failed;
        }
        catch (UnauthorizedAccessException denied)
        {
            text.Write(new Failure { Code = FailureCodes.CommandNotPossible, Message = denied.Message, Remedy = "Run it as the traffic agent's user, or as root." });
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception unexpected)
        {
            await Console.Error.WriteLineAsync(unexpected.ToString());
            return ExitCodes.Defect;
        }
    }
}

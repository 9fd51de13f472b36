using System.CommandLine;
using System.Text.Json;
using KongUpgradeMesh.Cli.Api;
using KongUpgradeMesh.Cli.Printing;
using KongUpgradeMesh.Cli.Specs;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Commands;

/// <summary>The options of every command, and how each command is run.</summary>
internal sealed class SharedOptions
{
    private const string DefaultServer = "http://127.0.0.1:7400";

    public SharedOptions()
    {
        Output.AcceptOnlyFromAmong("text", "json");
        Server.Validators.Add(static result =>
        {
            if (!Uri.TryCreate(result.GetValueOrDefault<string>(), UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            {
                result.AddError("--server (or KUM_SERVER) must be an address such as http://127.0.0.1:7400");
            }
        });
    }

    public Option<string> Server { get; } = new("--server")
    {
        Description = "Address of the coordinator; KUM_SERVER sets another default",
        Recursive = true,
        DefaultValueFactory = static _ => Environment.GetEnvironmentVariable("KUM_SERVER") is { Length: > 0 } server ? server : DefaultServer,
    };

    public Option<string> Output { get; } = new("--output", "-o")
    {
        Description = "text or json",
        Recursive = true,
        DefaultValueFactory = static _ => "text",
    };

    /// <summary>Sets what <paramref name="command"/> does; failures become messages and exit codes here and nowhere else.</summary>
    public Command Run(Command command, Func<Session, ParseResult, CancellationToken, Task<int>> action)
    {
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var isJson = parsed.GetValue(Output) == "json";
            try
            {
                using var client = new UpgradesClient(new Uri(parsed.GetValue(Server)!));
                return await action(new Session(client, isJson, Console.Out, TimeProvider.System), parsed, cancellationToken);
            }
            catch (CoordinatorUnreachableException unreachable)
            {
                await Console.Error.WriteLineAsync(unreachable.Message);
                return ExitCodes.Unreachable;
            }
            catch (ApiProblemException refused)
            {
                Report(refused.Problem, isJson);
                return ExitCodes.Refused;
            }
            catch (SpecRefusedException refused)
            {
                Report(refused.Problem, isJson);
                return ExitCodes.Refused;
            }
            catch (StepFailedException failed)
            {
                Report(new ApiProblem { Failure = failed.Failure }, isJson);
                return ExitCodes.Failed;
            }
            catch (SpecFileException wrong)
            {
                Report(
                    new ApiProblem
                    {
                        Failure = new Failure { Code = FailureCodes.SpecInvalid, Message = wrong.Message, Remedy = "Correct the file; it must be one YAML or JSON document." },
                    },
                    isJson);
                return ExitCodes.Refused;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return ExitCodes.Interrupted;
            }
            catch (Exception unexpected)
            {
                // A defect of this program must not read as "the upgrade failed", which is what exit code 1 says.
                await Console.Error.WriteLineAsync(unexpected.ToString());
                return ExitCodes.Defect;
            }
        });
        return command;
    }

    // In JSON the problem is the answer, so it goes where the answer would have gone.
    private static void Report(ApiProblem problem, bool isJson)
    {
        if (isJson)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(problem, ApiJson.Printed));
        }
        else
        {
            ProblemText.Write(Console.Error, problem);
        }
    }
}

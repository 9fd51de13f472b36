using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.Drivers.External;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Exec;

/// <summary>Runs the operator's program: <c>get</c> prints the report, <c>set</c> reads the order from its standard input; the exit code tells how it went.</summary>
internal sealed class ExecBalancer(ExecOptions options, IProgramRunner programs) : IExternalBalancer
{
    private const int Stale = 3;
    private const int TryAgain = 75; // EX_TEMPFAIL of sysexits.h
    private readonly string _file = Path.GetFileName(options.Program);

    public string Name => $"The program {_file}";

    public async Task<SplitReport> GetAsync(CancellationToken cancellationToken)
    {
        var result = await RunAsync("get", null, cancellationToken);
        return result.ExitCode switch
        {
            0 => SplitReport.Read(Name, result.Output),
            TryAgain => throw Unreachable("get", result),
            _ => throw Refused("get", result),
        };
    }

    public async Task SetAsync(SplitOrder order, CancellationToken cancellationToken)
    {
        var result = await RunAsync("set", order.ToJson() + "\n", cancellationToken);
        switch (result.ExitCode)
        {
            case 0:
                return;
            case Stale:
                throw ExternalFailures.Stale(Name, order);
            case TryAgain:
                throw Unreachable("set", result);
            default:
                throw Refused("set", result);
        }
    }

    private async Task<ProgramResult> RunAsync(string action, string? input, CancellationToken cancellationToken)
    {
        try
        {
            return await programs.RunAsync(
                new ProgramCall { File = options.Program, Arguments = [.. options.Arguments, action], Environment = options.Environment, Input = input, Timeout = options.Timeout },
                cancellationToken);
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.StepTimedOut)
        {
            throw TrafficFailures.Unreachable(Name, $"{action} did not end within {options.Timeout} and was killed", exception);
        }
    }

    private StepFailedException Unreachable(string action, ProgramResult result) => TrafficFailures.Unreachable(Name, $"{action} ended with {result.ExitCode}: {Said(result)}");

    private StepFailedException Refused(string action, ProgramResult result) => TrafficFailures.Refused(Name, $"{action} ended with {result.ExitCode}: {Said(result)}");

    private string Said(ProgramResult result)
    {
        // The end of what it said, where programs put the reason.
        var text = Redaction.Redact(result.Error.Trim(), options.Secrets);
        return text.Length <= 200 ? text : text[^200..];
    }
}

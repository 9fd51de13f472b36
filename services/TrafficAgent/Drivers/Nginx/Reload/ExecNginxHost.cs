using System.Security.Cryptography;
using System.Text;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Kong.Programs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;

/// <summary>nginx on another host, or in a container: every command is run by a program such as <c>ssh lb1 --</c> that takes it as its last arguments.</summary>
/// <remarks>ssh hands its arguments to a shell there; so <see cref="NginxReloadOptions"/> takes only words that mean themselves to any shell, and content travels by standard input.</remarks>
internal sealed class ExecNginxHost(NginxReloadOptions options, IReadOnlyList<string> prefix, IProgramRunner programs, TimeProvider clock) : INginxHost
{
    // What ssh ends with when it could not connect, or lost the connection.
    private const int NoConnection = 255;

    public async Task<string> ReadFileAsync(CancellationToken cancellationToken)
    {
        if (!(await RunAsync(["test", "-e", options.File], null, cancellationToken)).Succeeded)
        {
            return "";
        }

        return Require(await RunAsync(["cat", options.File], null, cancellationToken)).Output;
    }

    public async Task ReplaceFileAsync(string content, CancellationToken cancellationToken)
    {
        // A connection that breaks ends tee early and this program with a failure: then nothing is moved.
        var fresh = options.File + ".kum-new";
        Require(await RunAsync(["tee", fresh], content, cancellationToken));
        Require(await RunAsync(["sync", fresh], null, cancellationToken));
        Require(await RunAsync(["mv", "-fT", fresh, options.File], null, cancellationToken));
    }

    public async Task TryWriteAsync(CancellationToken cancellationToken)
    {
        var trial = options.File + ".kum-try";
        Require(await RunAsync(["tee", trial], "", cancellationToken));
        Require(await RunAsync(["rm", "-f", trial], null, cancellationToken));
    }

    public async Task<IAsyncDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        // Agents of one host take turns; between hosts, the marks in the file decide.
        var name = FileLabel.Of(string.Join('\n', [.. prefix, options.File]));
        return await FileTurn.TakeAsync(Path.Combine(Path.GetTempPath(), $"kum-nginx-{name}.lock"), clock, cancellationToken);
    }

    public Task<ProgramResult> RunNginxAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        RunAsync([options.Program, .. options.ArgumentsOf(arguments)], null, cancellationToken);

    public async Task<bool> AnyLeavingAsync(CancellationToken cancellationToken)
    {
        var master = (await RunAsync(["cat", options.PidFile], null, cancellationToken)).Output.Trim();
        return master.Length > 0 && master.All(char.IsAsciiDigit)
            && (await RunAsync(["ps", "-o", "args=", "--ppid", master], null, cancellationToken)).Output.Contains(NginxReloadOptions.LeavingTitle, StringComparison.Ordinal);
    }

    private static ProgramResult Require(ProgramResult result) => result.Succeeded ? result : throw new IOException(result.Error.Trim());

    private async Task<ProgramResult> RunAsync(IReadOnlyList<string> command, string? input, CancellationToken cancellationToken)
    {
        var call = new ProgramCall { File = prefix[0], Arguments = [.. prefix.Skip(1), .. command], Input = input, Timeout = NginxReloadOptions.ProgramBound };
        try
        {
            var result = await programs.RunAsync(call, cancellationToken);
            return result.ExitCode != NoConnection ? result : throw TrafficFailures.Unreachable($"\"{string.Join(' ', prefix)}\"", result.Error.Trim());
        }
        catch (StepFailedException exception) when (exception.Failure.Code == FailureCodes.StepTimedOut)
        {
            throw TrafficFailures.Unreachable($"\"{string.Join(' ', prefix)}\"", $"{command[0]} did not end within {call.Timeout}", exception);
        }
    }
}

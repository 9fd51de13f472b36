using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Kong.Programs;

/// <summary>Runs programs as child processes.</summary>
/// <param name="clock">Measures durations and time limits.</param>
public sealed class ProgramRunner(TimeProvider clock) : IProgramRunner
{
    private const int KeptCharacters = 64 * 1024;

    // A daemon that the program left behind may hold its pipes open for ever; the program's own end is what counts.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        using var process = Start(call);
        var output = new Tail();
        var error = new Tail();
        var reading = Task.WhenAll(output.ReadAsync(process.StandardOutput), error.ReadAsync(process.StandardError));
        using var timeout = new CancellationTokenSource(call.Timeout, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await WriteAsync(process, call.Input, linked.Token);
            await process.WaitForExitAsync(linked.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            throw TimedOut(call);
        }

        await reading.WaitAsync(DrainTime, clock, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new ProgramResult(process.ExitCode, output.ToString(), error.ToString(), clock.GetElapsedTime(started));
    }

    private static Process Start(ProgramCall call)
    {
        var info = new ProcessStartInfo(call.File, call.Arguments)
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            RedirectStandardOutput = true,
            WorkingDirectory = call.WorkingDirectory ?? "/",
        };
        foreach (var (name, value) in call.Environment)
        {
            info.Environment[name] = value;
        }

        try
        {
            return Process.Start(info) ?? throw Missing(call, null);
        }
        catch (Win32Exception exception)
        {
            throw Missing(call, exception);
        }
    }

    private static async Task WriteAsync(Process process, string? input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all; its exit code says whether that is a failure.
        }
    }

    private static StepFailedException Missing(ProgramCall call, Exception? inner) => new(
        new Failure
        {
            Code = FailureCodes.ToolMissing,
            Message = $"{call.File} could not be started on {System.Environment.MachineName}.",
            Remedy = $"Install {Path.GetFileName(call.File)} for the agent's user, or correct its path in the spec; then: kum retry.",
        },
        inner);

    private static StepFailedException TimedOut(ProgramCall call) => new(new Failure
    {
        Code = FailureCodes.StepTimedOut,
        Message = $"{Path.GetFileName(call.File)} did not end within {call.Timeout} and was killed.",
        Remedy = "See the agent's log; then: kum retry.",
        IsTransient = true,
    });

    private sealed class Tail
    {
        private readonly StringBuilder _text = new();

        public async Task ReadAsync(StreamReader reader)
        {
            var buffer = new char[4096];
            int read;
            while ((read = await reader.ReadAsync(buffer, CancellationToken.None)) > 0)
            {
                lock (_text)
                {
                    _text.Append(buffer, 0, read);
                    if (_text.Length > 2 * KeptCharacters)
                    {
                        _text.Remove(0, _text.Length - KeptCharacters);
                    }
                }
            }
        }

        public override string ToString()
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }
}

using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Kong.Programs;

/// <summary>Runs programs of this host, bounded in time and output.</summary>
public interface IProgramRunner
{
    /// <summary>Runs the program to its end and returns how it ended, whatever the exit code.</summary>
    /// <param name="call">What to run.</param>
    /// <param name="cancellationToken">Kills the program and everything it started.</param>
    /// <exception cref="StepFailedException">With <see cref="FailureCodes.ToolMissing"/> when the program cannot be started, <see cref="FailureCodes.StepTimedOut"/> when its time is up.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the program is dead.</exception>
    Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellationToken);
}

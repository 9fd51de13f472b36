using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>Does the work of one kind of step, in the background of an agent.</summary>
/// <typeparam name="TCommand">The command that asks for the step.</typeparam>
public interface IStepHandler<TCommand>
    where TCommand : class, IStepCommand
{
    /// <summary>Does the work and returns the event that says it is done. May be called again for the same step after a crash: every effect is idempotent.</summary>
    /// <param name="context">The command and the means to report.</param>
    /// <param name="cancellationToken">Cancelled when the step is superseded, out of time, or the agent stops.</param>
    /// <exception cref="StepFailedException">The step failed and it is known why.</exception>
    Task<IStepEvent> RunAsync(StepContext<TCommand> context, CancellationToken cancellationToken);
}

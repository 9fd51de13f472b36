using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>What a step's work is given.</summary>
/// <typeparam name="TCommand">The command that asks for the step.</typeparam>
/// <param name="Command">The command.</param>
/// <param name="Agent">Name of this agent, to be copied into events.</param>
/// <param name="Publisher">Sends events while the step runs.</param>
public sealed record StepContext<TCommand>(TCommand Command, string Agent, IStepPublisher Publisher)
    where TCommand : class, IStepCommand
{
    /// <summary>Identity of this try.</summary>
    public StepRef Step => Command.Step;

    /// <summary>Tells people what is being done now; lost without harm when the broker is away.</summary>
    /// <param name="activity">A few words.</param>
    /// <param name="fraction">How much is done, 0 to 1; null when it cannot be told.</param>
    /// <param name="cancellationToken">Cancels the wait for the broker.</param>
    public Task ReportAsync(string activity, double? fraction, CancellationToken cancellationToken) =>
        Publisher.TryPublishAsync(new StepProgressed { Step = Step, Agent = Agent, Activity = activity, Fraction = fraction }, cancellationToken);
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>Failures that every agent can report.</summary>
internal static class Failures
{
    public static Failure WrongDatacenter(string asked, string own) => new()
    {
        Code = FailureCodes.CommandNotPossible,
        Message = $"A command for datacenter {asked} reached an agent of {own}.",
        Remedy = "Check Agent:Datacenter and the bindings of the queues; nothing was done.",
    };

    public static Failure Superseded(StepRef step) => new()
    {
        Code = FailureCodes.StepSuperseded,
        Message = $"Step {step.Name} (epoch {step.Epoch}, attempt {step.Attempt}) is older than what this agent has seen.",
        Remedy = "Nothing was done. If the coordinator's database was restored from a backup: kum rollback, then kum retry.",
    };

    public static Failure TimedOut(IStepCommand command) => new()
    {
        Code = FailureCodes.StepTimedOut,
        Message = $"Step {command.Step.Name} did not end within {command.Timeout}.",
        Remedy = "See the agent's log for what it waited for; then: kum retry.",
        IsTransient = true,
    };

    public static Failure Unexpected(string agent, Exception exception) => new()
    {
        Code = FailureCodes.Unexpected,
        Message = $"The agent met an error it does not know ({exception.GetType().Name}).",
        Remedy = $"See the log of {agent}; then: kum retry.",
        IsTransient = true,
    };
}

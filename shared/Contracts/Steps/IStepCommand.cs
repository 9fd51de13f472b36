namespace KongUpgradeMesh.Contracts.Steps;

/// <summary>A command to one agent to carry out one step. The agent accepts it within seconds and works in the background.</summary>
public interface IStepCommand
{
    /// <summary>Which step and which try this is.</summary>
    StepRef Step { get; }

    /// <summary>The datacenter whose agent must do it; an agent of another one refuses it.</summary>
    string Datacenter { get; }

    /// <summary>How long the work may take from acceptance on; then the agent gives up with <see cref="FailureCodes.StepTimedOut"/>. At most 45 days.</summary>
    TimeSpan Timeout { get; }

    /// <summary>The description of the whole upgrade; secrets are references that only the agent resolves.</summary>
    Specs.UpgradeSpec Spec { get; }
}

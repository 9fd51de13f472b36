namespace KongUpgradeMesh.Contracts.Steps;

/// <summary>Something an agent reports about a step.</summary>
public interface IStepEvent
{
    /// <summary>The step, copied from the command.</summary>
    StepRef Step { get; }

    /// <summary>Name of the reporting agent, for example <c>backup@host1</c>.</summary>
    string Agent { get; }
}

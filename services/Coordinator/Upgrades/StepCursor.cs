namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>The newest step of one lane of an upgrade.</summary>
public sealed record StepCursor
{
    /// <summary>Name of the step, for example <c>take-backup</c>; empty before the first.</summary>
    public string Name { get; init; } = "";

    /// <summary>The epoch it was first sent in.</summary>
    public int Epoch { get; init; }

    /// <summary>Number of the step within its lane.</summary>
    public int Sequence { get; init; }

    /// <summary>The attempt that was sent last.</summary>
    public int Attempt { get; init; }

    /// <summary>How often it failed for a passing reason; silence does not count.</summary>
    public int Failures { get; init; }

    /// <summary>Whether it has been sent and its end has not been seen.</summary>
    public bool IsOpen { get; init; }
}

using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>Orders the tries of one upgrade's lane: by epoch, then sequence, then attempt.</summary>
public readonly record struct StepOrder(int Epoch, int Sequence, int Attempt) : IComparable<StepOrder>
{
    /// <summary>The order of <paramref name="step"/>.</summary>
    public static StepOrder Of(StepRef step) => new(step.Epoch, step.Sequence, step.Attempt);

    /// <inheritdoc/>
    public int CompareTo(StepOrder other) => (Epoch, Sequence, Attempt).CompareTo((other.Epoch, other.Sequence, other.Attempt));

    /// <summary>Whether the left one is older.</summary>
    public static bool operator <(StepOrder left, StepOrder right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one is newer.</summary>
    public static bool operator >(StepOrder left, StepOrder right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left one is not newer.</summary>
    public static bool operator <=(StepOrder left, StepOrder right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left one is not older.</summary>
    public static bool operator >=(StepOrder left, StepOrder right) => left.CompareTo(right) >= 0;
}

using KongUpgradeMesh.Contracts.Steps;

namespace KongUpgradeMesh.Hosting.Agents;

/// <summary>Remembers the newest try seen for each upgrade, so that nothing older is ever carried out; survives restarts.</summary>
public interface IStepMarks
{
    /// <summary>Takes <paramref name="step"/> as the newest if it is not older than what was seen: a lower epoch in any lane, or a lower sequence or attempt in its own.</summary>
    /// <returns>False when it is older and must be refused. When true is returned the mark is already on disk.</returns>
    bool TryAdvance(StepRef step);

    /// <summary>Notes that the end of <paramref name="step"/> was reported for certain; ignored when something newer was seen.</summary>
    void End(StepRef step);

    /// <summary>Whether exactly this try is the newest and its end was reported: a second delivery of its command must do nothing.</summary>
    bool HasEnded(StepRef step);

    /// <summary>Raises the mark without a step, for a broadcast revocation.</summary>
    void Raise(Guid upgradeId, string lane, StepOrder order);
}

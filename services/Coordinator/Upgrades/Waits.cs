using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>Why a run waits, and what follows when a wait ends by its deadline.</summary>
internal static class Waits
{
    public static string PauseReason(UpgradeState saga) => saga.PauseReason ?? "an operator asked for it";

    public static Failure PauseExpired(UpgradeState saga, object message) => new()
    {
        Code = FailureCodes.GateExpired,
        Message = "Nobody resumed the paused upgrade before its deadline.",
        Remedy = $"kum retry {saga.CorrelationId}",
    };

    public static Failure GateExpired(UpgradeState saga, object message) => new()
    {
        Code = FailureCodes.GateExpired,
        Message = $"Nobody opened the gate before {saga.Phase} in time.",
        Remedy = $"kum retry {saga.CorrelationId}",
    };

    public static Failure StepOverdue(UpgradeState saga, object message) => new()
    {
        Code = FailureCodes.StepTimedOut,
        Message = $"Step {saga.Main.Name} was not taken or did not end in time; it is sent again.",
        Remedy = $"See kum explain {saga.CorrelationId} for the agent that is waited for.",
        IsTransient = true,
    };
}

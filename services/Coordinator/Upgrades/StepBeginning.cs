using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Coordinator.Timeline;
using MassTransit;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>Begins a step: most are sent to an agent, some are a wait of the coordinator's own beside a watch.</summary>
internal static class StepBeginning
{
    /// <summary>Marks what the step may touch before its command can leave, then begins it.</summary>
    public static async Task BeginAsync(this BehaviorContext<UpgradeState> context, UpgradeProcedure procedure, string step)
    {
        var saga = context.Saga;
        saga.Pending = null;
        switch (step)
        {
            case StepNames.EstablishWatch:
                saga.BeginOwnStep(step);
                await context.SendWatchAsync("baseline");
                return;
            case StepNames.WatchRamp:
                saga.BeginOwnStep(step);
                await context.SendWatchAsync("step-ramp");
                return;
            case StepNames.Dwell:
                saga.DwellOver = false;
                saga.BeginOwnStep(step);
                await context.SendWatchAsync("step");
                return;
            case StepNames.Soak:
                saga.DwellOver = false;
                saga.BeginOwnStep(step);
                await context.SendWatchAsync("soak");
                return;
            case StepNames.AfterWatch:
                saga.BeginOwnStep(step);
                return;
            case StepNames.FreezeConfiguration:
                saga.FenceTouched = true;
                break;
            case StepNames.DrillTraffic:
            case StepNames.ShiftTraffic:
                saga.TrafficTouched = true;
                break;
            case StepNames.UnfreezeConfiguration:
                await context.EndLaneAsync(StepLanes.Guard);
                break;
            case StepNames.DecommissionX:
                saga.PastNoReturn = true;
                await context.SendWatchAsync("after");
                await context.AppendAsync(TimelineKinds.Alert, StepSending.CoordinatorActor, "Point of no return: cluster X is being removed");
                break;
        }

        await context.SendStepAsync(procedure, step);
    }

    /// <summary>Whether the upgrade waits for the time and the judgement of a traffic step or of the soak.</summary>
    public static bool IsDwelling(this UpgradeState saga) => saga.Main is { Name: StepNames.Dwell or StepNames.Soak, IsOpen: false };

    public static TimeSpan DwellTime(this UpgradeState saga) => saga.Main.Name switch
    {
        StepNames.Dwell => saga.Spec.Traffic.Dwell,
        StepNames.Soak => saga.Spec.Soak,
        _ => saga.Spec.AfterWatch,
    };

    /// <summary>Forgets the last run, but for what a person has said about it; its epoch is never used again.</summary>
    public static void StartOver(this UpgradeState saga)
    {
        saga.Epoch++;
        saga.EndedAt = null;
        saga.Pending = null;
        saga.OpenedGate = null;
        saga.AbortRequested = false;
        saga.TrafficPrepared = false;
        saga.TrafficTouched = false;
        saga.FenceTouched = false;
        saga.Tainted = false;
        saga.PauseReason = null;
        saga.TrafficStep = 0;
        saga.Drilled = false;
        saga.SplitForeign = false;
        saga.OverForeign = false;
        saga.AnsweredIncidents = [];
        saga.FrozenX = null;
        saga.BaselineY = null;
        saga.BackupLocation = null;
        saga.ManifestDigest = null;
        saga.RefusedWrites = 0;
        saga.FailedFindings = [];
        saga.Alerts = [];
        saga.Failure = null;
    }
}

using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Coordinator.Upgrades;

namespace KongUpgradeMesh.Coordinator.Api;

/// <summary>Turns what the saga remembers into what people are shown.</summary>
internal static class UpgradeViews
{
    public static UpgradeView Of(UpgradeState saga, IReadOnlyList<LeaseView> leases)
    {
        var lease = leases.FirstOrDefault(static l => l.Lane == StepLanes.Main);
        var isWaiting = saga.Main is { IsOpen: false, Name: StepNames.Dwell or StepNames.Soak or StepNames.AfterWatch or StepNames.EstablishWatch or StepNames.WatchRamp } && saga.EndedAt is null;
        return new UpgradeView
        {
            UpgradeId = saga.CorrelationId,
            RequestId = saga.RequestId,
            RequestedBy = saga.RequestedBy,
            Cluster = saga.Spec.Cluster,
            Datacenter = saga.Spec.Datacenter,
            From = saga.Spec.From.Version,
            To = saga.Spec.To.Version,
            State = saga.CurrentState,
            Outcome = Enum.TryParse<UpgradeOutcome>(saga.CurrentState, out var outcome) ? outcome : null,
            Phase = saga.Phase,
            Epoch = saga.Epoch,
            Step = saga.Main.IsOpen || isWaiting ? saga.Main.Name : null,
            Attempt = saga.Main.IsOpen ? saga.Main.Attempt : 0,
            Agent = lease?.Agent,
            Activity = lease?.Activity,
            WeightY = saga.WeightY,
            Tainted = saga.Tainted,
            Failure = saga.Failure,
            FailedFindings = saga.FailedFindings,
            Overrides = saga.Overrides,
            Alerts = saga.Alerts,
            StartedAt = saga.StartedAt,
            EndedAt = saga.EndedAt,
            Deadline = saga.WaitDeadline,
        };
    }
}

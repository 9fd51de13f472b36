using KongUpgradeMesh.Contracts;

namespace KongUpgradeMesh.TrafficAgent.Drivers.External;

/// <summary>What only an external balancer says.</summary>
internal static class ExternalFailures
{
    public static StepFailedException Stale(string who, SplitOrder order) => new(new Failure
    {
        Code = FailureCodes.StepSuperseded,
        Message = $"{who} holds something newer than epoch {order.Epoch}, step {order.Step}.",
        Remedy = "Nothing was changed. If the coordinator's database was restored from a backup: kum rollback, then kum retry.",
    });
}

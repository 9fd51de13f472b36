using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.DeployAgent.Assessment;

/// <summary>How long an upgrade may take until configuration can be written again, if nobody pauses it.</summary>
internal static class ExpectedUpgrade
{
    // Backup, restore, migration, start, staging and the steps themselves.
    private static readonly TimeSpan Work = TimeSpan.FromHours(1);

    public static TimeSpan LongestOf(UpgradeSpec spec) =>
        Work + (Enumerable.Range(0, spec.Traffic.Steps.Count).Count(spec.Traffic.IsRamped) * spec.Traffic.Ramp)
        + (spec.Traffic.Steps.Count * (spec.Traffic.Dwell + spec.Traffic.DecideWithin)) + spec.Soak + spec.Gates.Aggregate(TimeSpan.Zero, static (sum, g) => sum + g.Deadline);
}

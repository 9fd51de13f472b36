namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>How fast the way back was.</summary>
/// <param name="DetectSeconds">From the injected fault to the decision to roll back.</param>
/// <param name="TrafficBackSeconds">From that decision to the proof that all traffic is on X.</param>
/// <param name="LastRequestOnYSeconds">From that decision to the last request that a client saw answered by Y; negative when the traffic agent was faster than the coordinator.</param>
public sealed record RollbackResult(double? DetectSeconds, double? TrafficBackSeconds, double? LastRequestOnYSeconds)
{
    /// <summary>Nothing had to go back.</summary>
    public static RollbackResult None { get; } = new(null, null, null);
}

namespace KongUpgradeMesh.TrafficAgent.Tests.Steps;

/// <summary>The real clock, but a node may take twenty seconds to answer where the agent gives it one or three: on a busy machine a node that is well answers late. One that is away refuses at once.</summary>
internal sealed class PatientClock : TimeProvider
{
    private static readonly TimeSpan[] Bounds = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, period == Timeout.InfiniteTimeSpan && Bounds.Contains(dueTime) ? Patience : dueTime, period);
}

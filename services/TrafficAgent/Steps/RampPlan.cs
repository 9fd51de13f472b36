using KongUpgradeMesh.TrafficAgent.Drivers;

namespace KongUpgradeMesh.TrafficAgent.Steps;

/// <summary>The increments of a whole ramp. The same step always has the same ones, wherever a try of it begins.</summary>
/// <param name="Shares">The shares on Y to be set one after the other, percent, rising; the last one is the step's.</param>
/// <param name="Interval">The time between two of them, a second or more; zero when there is one alone.</param>
public sealed record RampPlan(IReadOnlyList<int> Shares, TimeSpan Interval)
{
    // Faster ones would tell no more: the judge reads each second as well.
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    /// <summary>Spreads the way from one share to another as evenly as the driver and the time allow; the first increment is due at once, the last one when the time is over.</summary>
    /// <param name="from">Percent on Y at the beginning.</param>
    /// <param name="to">Percent on Y at the end.</param>
    /// <param name="over">How long the way takes; zero sets the end at once.</param>
    /// <param name="can">What the driver can set.</param>
    public static RampPlan Of(int from, int to, TimeSpan over, DriverCapabilities can)
    {
        var settable = Enumerable.Range(from + 1, Math.Max(0, to - from)).Where(s => s == to || can.CanSet(s)).ToArray();
        var count = (int)Math.Min(settable.Length, Math.Floor(over / Shortest) + 1);
        return count <= 1
            ? new RampPlan([to], TimeSpan.Zero)
            : new RampPlan([.. Enumerable.Range(1, count).Select(i => settable[(i * settable.Length / count) - 1])], over / (count - 1));
    }
}

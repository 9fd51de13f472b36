using System.Globalization;

namespace KongUpgradeMesh.DeployAgent.Assessment;

/// <summary>By how much one limit can be passed while two clusters count it apart.</summary>
/// <param name="Limit">Requests that one client may make in a window.</param>
/// <param name="Window">Length of the window.</param>
/// <param name="IsSliding">Whether the window before is weighed as well.</param>
/// <param name="IsCarried">Whether cluster X's count is added to cluster Y's before each traffic step.</param>
/// <param name="Steps">Percent of clients on cluster Y, step by step.</param>
internal sealed record SplitOvershoot(long Limit, TimeSpan Window, bool IsSliding, bool IsCarried, IReadOnlyList<int> Steps)
{
    /// <summary>About how old carried counters are when clients move: verifying the freeze and shifting lie between.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromSeconds(10);

    /// <summary>A client that has used its limit on cluster X finds it whole on cluster Y.</summary>
    public long Uncarried => Limit;

    /// <summary>A client that moves once: cluster Y lacks only what cluster X let through after the counters were carried. Over many clients and windows this is exact for sliding windows and the mean for fixed ones.</summary>
    public long Sticky => IsCarried && Window > Age ? (long)Math.Ceiling((decimal)Limit * Age.Ticks / Window.Ticks) : Limit;

    /// <summary>A client on both sides at once: each window that begins during the split begins at zero on both.</summary>
    public long Unsticky => Limit;

    public int TailWindows => IsSliding ? 2 : 1;

    public string InWords
    {
        get
        {
            var tail = TailWindows == 1 ? "one window" : "two windows";
            var sticky = Sticky < Uncarried
                ? $"One client may get about {Sticky} requests more in the window in which it moves to cluster Y ({Uncarried} if it makes them all in the last seconds before, or if its counter were not carried)"
                : $"One client may get {Uncarried} requests more in the window in which it moves to cluster Y";
            return $"{sticky} when the split is sticky, and {Unsticky} more (twice its limit) in every window when it is not, until {tail} after the last shift.{Halves}";
        }
    }

    public string Advice => IsCarried
        ? "Split sticky by what the limit counts; pass 50 % quickly. Counters in a shared Redis would not diverge."
        : "Set runtimeState.carryCounters; split sticky by what the limit counts; pass 50 % quickly. Counters in a shared Redis would not diverge.";

    // Below the 100 % that ends the split, the step nearest to one half costs most.
    private string Halves
    {
        get
        {
            var worst = Steps.Where(static s => s < 100).OrderBy(static s => Math.Abs(s - 50)).Select(static s => (int?)s).FirstOrDefault();
            return worst is not { } step ? ""
                : string.Create(CultureInfo.InvariantCulture, $" Not sticky, a client that asks for twice its limit gets {2m * Limit * Math.Min(step, 100 - step) / 100:0} more at the step of {step} %.");
        }
    }
}

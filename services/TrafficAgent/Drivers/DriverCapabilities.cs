using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.TrafficAgent.Drivers;

/// <summary>What a driver can promise with its settings; held against the spec at plan time.</summary>
public sealed record DriverCapabilities
{
    /// <summary>Whether a client that was moved to Y stays there while the share grows: a stable key against one threshold.</summary>
    public required bool IsSticky { get; init; }

    /// <summary>When the balancer decides.</summary>
    public required TrafficAssignment Assignment { get; init; }

    /// <summary>The smallest share above 0 that can be set, and what every other must be a multiple of; percent, 1 to 100. 100 is all or nothing.</summary>
    public int Granularity { get; init; } = 1;

    /// <summary>The shares above 0 that can be set, where those are not all multiples of <see cref="Granularity"/>; percent, rising.</summary>
    public IReadOnlyList<int>? Shares { get; init; }

    /// <summary>How long after the balancer reports a split clients may still be led by the old one, long-lived connections aside; zero for at once. A restore needs as long.</summary>
    public TimeSpan Lag { get; init; } = TimeSpan.Zero;

    /// <summary>What each change of the split costs clients or the balancer, as the end of "each change of the split …"; null when nothing. Few large steps are better then, and no ramp.</summary>
    public string? CostOfChange { get; init; }

    /// <summary>Whether <see cref="ITrafficDriver.VerifyAsync"/> can see the share that flows.</summary>
    public required bool SeesShare { get; init; }

    /// <summary>Whether the balancer itself refuses a write that was overtaken (compare-and-set); otherwise the agent's own lock and marks do.</summary>
    public bool ComparesAndSets { get; init; }

    /// <summary>The smallest share above 0 that can be set, in percent.</summary>
    public int SmallestShare => Shares is { Count: > 0 } ? Shares[0] : Granularity;

    /// <summary>Whether a share can be set.</summary>
    /// <param name="weightY">Percent on Y.</param>
    public bool CanSet(int weightY) => weightY == 0 || (Shares?.Contains(weightY) ?? weightY % Granularity == 0);

    /// <summary>What the spec asks for and this driver cannot do, with the path of the field.</summary>
    /// <param name="wishes">The traffic section of the spec.</param>
    public IEnumerable<string> ProblemsWith(TrafficSpec wishes)
    {
        if (wishes.Sticky && !IsSticky)
        {
            yield return $"traffic.sticky is asked for, which {wishes.Driver} cannot promise with these settings: clients would move back and forth.";
        }

        if (wishes.Ramp > TimeSpan.Zero && CostOfChange is not null)
        {
            yield return $"traffic.ramp is asked for, but with {wishes.Driver} and these settings each change of the split {CostOfChange}: leave ramp out.";
        }
        else if (wishes.Ramp > TimeSpan.Zero && wishes.Ramp <= Lag)
        {
            yield return $"traffic.ramp is {wishes.Ramp.TotalSeconds:0.#} s, but clients follow {wishes.Driver} only within {Lag.TotalSeconds:0.#} s, so they would jump all the same: set a longer one.";
        }

        foreach (var step in wishes.Steps.Where(s => !CanSet(s)))
        {
            yield return SmallestShare == 100
                ? $"traffic.steps has {step}; {wishes.Driver} can only move all or nothing with these settings: set steps to [100]."
                : Shares is null
                    ? $"traffic.steps has {step}; {wishes.Driver} can only set multiples of {Granularity} with these settings."
                    : $"traffic.steps has {step}; {wishes.Driver} can only set {string.Join(", ", Shares)} with these settings.";
        }
    }
}

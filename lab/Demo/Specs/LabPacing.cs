namespace KongUpgradeMesh.Lab.Demo.Specs;

/// <summary>How fast an upgrade of the lab goes. The defaults make one that a person can watch from beginning to end.</summary>
public sealed record LabPacing
{
    /// <summary>Percent of sticky keys on cluster Y at each step.</summary>
    public IReadOnlyList<int> Steps { get; init; } = [1, 10, 25, 50, 100];

    /// <summary>The least time at each step. Default 5 seconds.</summary>
    public TimeSpan Dwell { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The least number of requests on Y at each step. Default 10: at 1 % of 120 requests a second more would take half a minute.</summary>
    public int MinimumRequests { get; init; } = 10;

    /// <summary>How long a step may stay inconclusive before the run pauses. Default 45 seconds.</summary>
    public TimeSpan DecideWithin { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>How long Y carries everything before X is removed. Default 5 seconds.</summary>
    public TimeSpan Soak { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long Y is watched after writes are allowed again. Default 3 seconds.</summary>
    public TimeSpan AfterWatch { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>After how much silence of coordinator and monitor the traffic agent restores X by itself. Default 1 minute, as in a spec that says nothing.</summary>
    public TimeSpan DeadManAfter { get; init; } = TimeSpan.FromMinutes(1);
}

using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>One disturbance and what the judge must make of it.</summary>
internal sealed record Case
{
    private static readonly TimeSpan JudgedFor = TimeSpan.FromSeconds(6);

    /// <summary>What happens, in words.</summary>
    public required string Name { get; init; }

    /// <summary>Cases of one scene happen at the same time, in the same traffic.</summary>
    public required string Scene { get; init; }

    /// <summary>Whether one watch compares the whole clusters; else one node of X with one node of Y, which no other case of the scene touches.</summary>
    public bool OnWholeClusters { get; init; }

    /// <summary>Percent of sticky keys on Y, the same in the whole scene.</summary>
    public int WeightY { get; init; } = 50;

    /// <summary>Whether the disturbance comes to a watch that has already passed; else it is there before the watch begins, as after most bad steps.</summary>
    public bool MidWatch { get; init; }

    /// <summary>Makes it happen, and proves what can be proven of it at once.</summary>
    public required Func<Place, CancellationToken, Task> Disturb { get; init; }

    /// <summary>What follows when the judge has said so; null where nothing does.</summary>
    public Func<Place, CancellationToken, Task>? Recover { get; init; }

    /// <summary>Proves at the end that it has happened: a disturbance that nobody noticed shows nothing.</summary>
    public Action<Place>? Proof { get; init; }

    /// <summary>What must come of it.</summary>
    public required Expectation Expected { get; init; }

    /// <summary>Who must say so; null for an innocent disturbance.</summary>
    public string? Indicator { get; init; }

    /// <summary>Who may say so as well, since it shows in what they measure too.</summary>
    public IReadOnlyList<string> Along { get; init; } = [];

    /// <summary>What the message must contain.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Names of routes or nodes of which the finding must name one; empty where the judge cannot tell.</summary>
    public IReadOnlyList<string> Culprits { get; init; } = [];

    /// <summary>What the judge must be able to do before the case can be judged; null where it can.</summary>
    public string? Awaits { get; init; }

    /// <summary>Runs it at a place.</summary>
    public async Task<Seen> RunAsync(Place place, CancellationToken cancellationToken)
    {
        if (!MidWatch)
        {
            await Disturb(place, cancellationToken);
        }

        await using var watch = new RunningWatch(place, WeightY);
        var disturbed = 0;
        var began = TimeProvider.System.GetTimestamp();
        if (MidWatch)
        {
            await watch.ReachesAsync("the watch passes", 0, static v => v.Verdict == Verdict.Passed, cancellationToken);
            began = TimeProvider.System.GetTimestamp();
            disturbed = watch.Verdicts.Count;
            await Disturb(place, cancellationToken);
        }

        await AwaitAsync(watch, disturbed, place, cancellationToken);
        var seen = new Seen(watch.Verdicts, disturbed, TimeProvider.System.GetElapsedTime(began));
        Proof?.Invoke(place);
        return seen;
    }

    private async Task AwaitAsync(RunningWatch watch, int disturbed, Place place, CancellationToken cancellationToken)
    {
        switch (Expected)
        {
            case Expectation.Failed:
                await watch.ReachesAsync("a failed verdict", disturbed, static v => v.Verdict == Verdict.Failed, cancellationToken);
                return;
            case Expectation.Blind:
                await watch.ReachesAsync("an errored verdict", disturbed, v => v.Verdict == Verdict.Errored && v.Findings[0].Indicator == Indicator, cancellationToken);
                return;
            case Expectation.Reported:
                await watch.ReachesAsync($"a complaint of {Indicator}", disturbed, v => v.Findings.Any(f => f.Indicator == Indicator && f.Verdict != Verdict.Passed), cancellationToken);
                await (Recover?.Invoke(place, cancellationToken) ?? Task.CompletedTask);
                break;
            default:
                break;
        }

        // Judged on, counted in requests and not in seconds: only what was seen can be judged.
        var least = (watch.Verdicts.Count > 0 ? watch.Verdicts[^1].RequestsY : 0) + (place.RateOfY(WeightY) * JudgedFor.TotalSeconds);
        await watch.ReachesAsync("the watch goes on", disturbed, v => v.RequestsY >= least, cancellationToken);
    }
}

using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Recordings;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Judging;

/// <summary>A recording judged again by the judge of the upgrades. Pure.</summary>
/// <param name="Then">When which verdict fell while it was recorded.</param>
/// <param name="Now">When which verdict falls with these thresholds.</param>
/// <param name="Length">How much time is recorded.</param>
internal sealed record Replay(IReadOnlyList<ReplayVerdict> Then, IReadOnlyList<ReplayVerdict> Now, TimeSpan Length)
{
    /// <summary>The verdict of the whole: one that has failed an upgrade is not healed by what comes later.</summary>
    public Verdict Verdict => Now.Any(static v => v.Verdict == Verdict.Failed) ? Verdict.Failed : Now[^1].Verdict;

    /// <summary>Judges with the thresholds of <paramref name="spec"/>; null judges with those it was recorded with.</summary>
    public static Replay Of(Recording recording, UpgradeSpec? spec)
    {
        var header = recording.Header;
        if (spec is not null)
        {
            header = header with { Monitor = spec.Monitor, MinimumRequests = spec.Traffic.MinimumRequests, Steps = spec.Traffic.Steps, Ramp = spec.Traffic.Ramp };
        }

        var watch = new TrafficWatch(header.ToCommand(), header.Reference);
        var (then, now) = (new List<ReplayVerdict>(), new List<ReplayVerdict>());
        foreach (var (tick, verdict) in recording.Intervals)
        {
            var judgement = watch.Judge(tick);
            if (then is not [.., var before] || before.Verdict != verdict)
            {
                then.Add(new ReplayVerdict(tick.At, verdict, null));
            }

            if (now is not [.., var last] || last.Verdict != judgement.Verdict)
            {
                now.Add(new ReplayVerdict(tick.At, judgement.Verdict, judgement));
            }
        }

        // How it stood at the end is evidence too, also where the verdict had fallen before.
        now[^1] = now[^1] with { Last = watch.Judgement };
        return new Replay(then, now, recording.Intervals.Aggregate(TimeSpan.Zero, static (sum, i) => sum + i.Tick.Length));
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sources;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>The memory of one watch: takes readings, gives judgements. A failed verdict stays.</summary>
/// <param name="command">What is watched.</param>
/// <param name="reference">What is remembered of X.</param>
public sealed class TrafficWatch(WatchTraffic command, Reference? reference)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly SideTrack _x = new(command.Spec.From, Longer(Kept, command.Spec.Monitor.Window * 2));
    private readonly SideTrack _y = new(command.Spec.To, Longer(Kept, command.Spec.Monitor.Window * 2));

    /// <summary>What the last judgement was made from; null before the first.</summary>
    public Observation? Last { get; private set; }

    /// <summary>The last judgement; null before the first. Once failed it stays.</summary>
    public Judgement? Judgement { get; private set; }

    /// <summary>Whether every side that must be seen has been seen; once true it stays.</summary>
    public bool Established { get; private set; }

    /// <summary>Takes a reading made at <paramref name="at"/> since the watch began.</summary>
    public void Record(ClusterSide side, NodeReading reading, TimeSpan at) => (side == ClusterSide.X ? _x : _y).Record(reading, at);

    /// <summary>Judges what is known at <paramref name="at"/> since the watch began.</summary>
    public Judgement Judge(TimeSpan at)
    {
        Last = new Observation
        {
            Elapsed = at,
            Purpose = command.Purpose,
            WeightY = command.Split.WeightY,
            X = _x.Close(at),
            Y = _y.Close(at),
            Reference = reference,
            Thresholds = command.Spec.Monitor,
            MinimumRequests = command.Spec.Traffic.MinimumRequests,
            VersionX = command.Spec.From.Version,
            VersionY = command.Spec.To.Version,
        };
        Established |= IsEstablished(Last);
        if (Judgement is not { Verdict: Verdict.Failed })
        {
            Judgement = ClusterAnalysis.Judge(Last);
        }

        return Judgement;
    }

    /// <summary>What is to be remembered of X for later steps; null when this watch saw nothing of worth.</summary>
    public Reference? Remember()
    {
        if (Last is not { HasTrafficX: true } last || last.X.SinceStart.Total <= 0 || Judgement is { Verdict: Verdict.Failed })
        {
            return reference;
        }

        // Only while Y has no traffic is everything its nginx counts a health check or a scraper.
        var others = last.HasTrafficY || !last.Y.AllSeen ? (double?)null : Math.Max(0, last.Y.SinceStart.Unmatched) / last.Elapsed.TotalSeconds;
        return (reference ?? new Reference(new TrafficTally(), TimeSpan.Zero, null)).With(last.X.SinceStart, last.Elapsed, others);
    }

    private static bool IsEstablished(Observation observation)
    {
        // Before the first shift also the counters must be there: Kong 3 ships them switched off.
        var complete = observation.Purpose != WatchPurpose.Baseline || (observation.X.Missing | observation.Y.Missing) == 0;
        return observation.Y.AllSeen && (!observation.NeedsX || observation.X.AllSeen) && complete;
    }

    private static TimeSpan Longer(TimeSpan left, TimeSpan right) => left > right ? left : right;
}

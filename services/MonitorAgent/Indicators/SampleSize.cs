using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Has enough been seen to say yes?</summary>
public sealed class SampleSize : IIndicator
{
    private const string Name = "sample-size";

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var seenY = observation.Y.SinceStart.Total;
        var seenX = observation.HasTrafficX ? observation.X.SinceStart.Total : observation.Reference?.X.Total ?? 0;
        var enoughY = seenY >= observation.MinimumRequests;
        var enoughX = seenX >= observation.Thresholds.MinimumSamples;
        var source = observation.HasTrafficX ? "on X" : "remembered of X";
        yield return Finding.Of(
            Name,
            enoughX && enoughY ? Verdict.Passed : Verdict.Inconclusive,
            $"{seenY:0} of {observation.MinimumRequests} requests on Y, {seenX:0} of {observation.Thresholds.MinimumSamples} {source}.",
            seenX,
            seenY);
    }
}

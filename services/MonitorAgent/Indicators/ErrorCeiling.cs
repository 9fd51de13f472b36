using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>The 5xx rate on Y that is never accepted, whatever X does. Where X is above it too, the step is held: traffic is not moved to a sick side.</summary>
public sealed class ErrorCeiling : IIndicator
{
    private const string Name = "error-ceiling";
    private const double ClearlyBelow = 0.8;

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        var ceiling = observation.Thresholds.ErrorRateCeiling / 100;
        var window = observation.WindowY.Tally;
        var tally = window.Total >= observation.Thresholds.MinimumSamples ? window : observation.Y.SinceStart;
        if (tally.Total < observation.Thresholds.MinimumSamples)
        {
            yield return Finding.Of(Name, Verdict.Inconclusive, $"Too few requests on Y ({tally.Total:0}).");
            yield break;
        }

        var errors = tally.Count(AnswerKind.IsServerError);
        var rate = errors / tally.Total;
        var message = $"{rate:P1} of {tally.Total:0} requests on Y ended with 5xx; never more than {ceiling:P0}.";
        if (rate < ceiling)
        {
            yield return Finding.Of(Name, Verdict.Passed, message, y: rate * 100);
            yield break;
        }

        var onX = observation.WindowX.Tally;
        var rateX = observation.HasTrafficX && onX.Total >= observation.Thresholds.MinimumSamples ? onX.Count(AnswerKind.IsServerError) / onX.Total : 0;
        if (rateX >= ceiling)
        {
            yield return Finding.Of(Name, Verdict.Inconclusive, $"{message[..^1]}, and {rateX:P1} on X: there is no healthy side to go to.", rateX * 100, rate * 100);
            yield break;
        }

        // The first unlucky requests must not do it: a cluster clearly below the ceiling could hardly ever look like this.
        var luck = BinomialTail.AtLeast((long)Math.Floor(errors), (long)Math.Ceiling(tally.Total), ceiling * ClearlyBelow);
        var badSince = observation.Y.Ticks.FirstOrDefault(t => t.At > observation.WindowStart && t.Tally.Count(AnswerKind.IsServerError) > t.Tally.Total * ceiling)?.Began;
        yield return luck < BinomialTail.Luck
            ? Finding.Of(Name, Verdict.Failed, message, y: rate * 100, badSince: badSince)
            : Finding.Of(Name, Verdict.Inconclusive, message, y: rate * 100);
    }
}

using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Indicators;

/// <summary>Is X itself worse than it was before? Then both clusters may suffer from the same cause (a service behind them, Redis, the network): the step is held, Y is not blamed for it.</summary>
public sealed class SharedCause : IIndicator
{
    private const string Name = "shared-cause";

    /// <inheritdoc/>
    public IEnumerable<Finding> Judge(Observation observation)
    {
        if (!observation.HasTrafficX)
        {
            yield return Finding.NotCompared(Name, "Cluster X has no traffic that could show a cause that both clusters share.");
            yield break;
        }

        if (observation.Reference is not { } before)
        {
            yield return Finding.NotCompared(Name, "Cluster X is not compared with itself: nothing is remembered of it.");
            yield break;
        }

        var worse = AnswerKind.All.Where(static k => k != AnswerKind.RateLimited && k != AnswerKind.GatewayErrors)
            .Select(kind => Rise(observation, before, kind))
            .Append(LostRequests(observation, before))
            .FirstOrDefault(static message => message is not null);
        yield return worse is null
            ? Finding.Of(Name, Verdict.Passed, "Cluster X is as it was before this step.")
            : Finding.Of(Name, Verdict.Inconclusive, worse);
    }

    private static string? Rise(Observation observation, Reference before, AnswerKind kind)
    {
        var permitted = observation.Thresholds.ErrorRatePoints / 100;
        if (RateComparison.Of(before.X, observation.WindowX.Tally, kind, permitted, observation.Thresholds.MinimumSamples) is not { IsWorse: true } rise)
        {
            return null;
        }

        var y = observation.WindowY.Tally;
        var rateY = y.Total > 0 ? y.Count(kind) / y.Total : 0;
        return Say($"answers {kind.Label} to {rise.RateY:P1} of {rise.RequestsY:0} requests", rise.RateX, rateY, rateY > rise.RateX + permitted);
    }

    private static string? LostRequests(Observation observation, Reference before)
    {
        var (now, permitted) = (observation.WindowX, observation.Thresholds.UnmatchedPoints / 100);

        // The counters of a busy side lag by up to a second.
        var lag = now.Length > TimeSpan.Zero ? (now.Tally.Total + Math.Max(0, now.Tally.Unmatched)) / now.Length.TotalSeconds : 0;
        var lost = Math.Max(0, now.Tally.Unmatched - lag);
        var (requests, requestsBefore) = (now.Tally.Total + lost, before.X.Total + Math.Max(0, before.X.Unmatched));
        if (requests < observation.Thresholds.MinimumSamples || requestsBefore < observation.Thresholds.MinimumSamples)
        {
            return null;
        }

        var rise = RateComparison.Of(Math.Max(0, before.X.Unmatched) / requestsBefore, requestsBefore, lost, requests, permitted);
        var y = observation.WindowY.Tally;
        var rateY = y.NginxRequests > 0 ? Math.Max(0, y.Unmatched) / y.NginxRequests : 0;
        return rise.IsWorse ? Say($"has no route for {rise.RateY:P1} of {requests:0} requests", rise.RateX, rateY, rateY > rise.RateX + permitted) : null;
    }

    private static string Say(string what, double before, double rateY, bool both) =>
        $"Cluster X itself {what} now, {before:P1} before this step; Y {rateY:P1}: {(both ? "a cause that both clusters share" : "X is worse, Y is not")}. Held until it is over.";
}

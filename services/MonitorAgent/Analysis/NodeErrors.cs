using System.Globalization;
using KongUpgradeMesh.Contracts.Specs;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>A node that answers 5xx far more often than the other nodes of its cluster.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Rate">Its share of 5xx.</param>
/// <param name="Requests">Its requests.</param>
/// <param name="RateOfOthers">The share on the others.</param>
/// <param name="RequestsOfOthers">Their requests.</param>
public sealed record NodeErrors(string Node, double Rate, double Requests, double RateOfOthers, double RequestsOfOthers)
{
    /// <summary>For people, without a full stop.</summary>
    public string Text => string.Create(
        CultureInfo.CurrentCulture, $"node {Node} answers 5xx to {Rate:P1} of {Requests:0} requests, the other nodes of its cluster to {RateOfOthers:P1} of {RequestsOfOthers:0}");

    /// <summary>The worst of them; null when none stands out beyond luck and beyond what never fails an upgrade.</summary>
    public static NodeErrors? Sick(IReadOnlyList<NodeState> nodes, MonitorSpec thresholds)
    {
        var (requests, errors) = (nodes.Sum(static n => n.RecentRequests), nodes.Sum(static n => n.RecentErrors));
        return nodes
            .Where(n => n.RecentErrors > 0 && n.RecentRequests >= thresholds.MinimumSamples && requests - n.RecentRequests >= thresholds.MinimumSamples)
            .Select(n => new NodeErrors(n.Name, n.RecentErrors / n.RecentRequests, n.RecentRequests, (errors - n.RecentErrors) / (requests - n.RecentRequests), requests - n.RecentRequests))
            .Where(n => n.Rate - n.RateOfOthers > thresholds.ErrorRateFloor / 100)
            .OrderByDescending(static n => n.Rate - n.RateOfOthers)
            .FirstOrDefault(n => BinomialTail.AtLeast((long)Math.Floor(n.Rate * n.Requests), (long)Math.Ceiling(errors), n.Requests / requests) < BinomialTail.Luck / nodes.Count);
    }
}

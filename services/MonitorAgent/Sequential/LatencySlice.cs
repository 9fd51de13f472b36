using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>One kind of latency of both sides in one interval, route compared with route, so that another mix of routes makes no difference.</summary>
/// <remarks>Each route weighs as many requests as its comparison is worth: the harmonic mean of both sides' counts, halved.</remarks>
/// <param name="Length">Length of the interval.</param>
/// <param name="Weight">Sum of the routes' weights.</param>
/// <param name="MeanX">Mean on X, milliseconds.</param>
/// <param name="MeanY">Mean on Y, milliseconds.</param>
/// <param name="RequestsX">Compared requests on X.</param>
/// <param name="RequestsY">Compared requests on Y.</param>
/// <param name="WithinX">Share of requests on X within each bound; empty without buckets.</param>
/// <param name="WithinY">The same of Y.</param>
internal sealed record LatencySlice(
    TimeSpan Length, double Weight, double MeanX, double MeanY, double RequestsX, double RequestsY, double[] WithinX, double[] WithinY)
{
    /// <summary>An interval in which nothing could be compared.</summary>
    public static LatencySlice None(TimeSpan length) => new(length, 0, 0, 0, 0, 0, [], []);

    /// <summary>All routes of a tally as one.</summary>
    public static RouteLatency AllRoutes(TrafficTally tally)
    {
        var all = new RouteLatency();
        foreach (var latency in tally.Latencies.Values)
        {
            all.Add(latency);
        }

        return all;
    }

    /// <summary>Compares both sides in the same interval.</summary>
    public static LatencySlice Of(TrafficTally x, TrafficTally y, TimeSpan length, LatencyMeasure measure)
    {
        var sum = new Sum(measure);
        foreach (var (route, onY) in y.Latencies)
        {
            if (x.Latencies.TryGetValue(route, out var onX))
            {
                var (totalX, totalY) = measure.Totals(onX, onY);
                if (totalX.Count > 0 && totalY.Count > 0)
                {
                    sum.Add(onX, totalX, onY, totalY, totalX.Count * totalY.Count / (totalX.Count + totalY.Count));
                }
            }
        }

        return sum.ToSlice(length);
    }

    /// <summary>Compares Y with what is remembered of X, all routes together.</summary>
    public static LatencySlice Of(RouteLatency remembered, TrafficTally y, TimeSpan length, LatencyMeasure measure)
    {
        var sum = new Sum(measure);
        var all = AllRoutes(y);
        var (totalX, totalY) = measure.Totals(remembered, all);
        if (totalX.Count > 0 && totalY.Count > 0)
        {
            sum.Add(remembered, totalX, all, totalY, totalY.Count);
        }

        return sum.ToSlice(length);
    }

    private sealed class Sum(LatencyMeasure measure)
    {
        private readonly double[] _withinX = new double[measure.Bounds.Length];
        private readonly double[] _withinY = new double[measure.Bounds.Length];
        private double _weight;
        private double _x;
        private double _y;
        private double _requestsX;
        private double _requestsY;
        private bool _hasBuckets = measure.Bounds.Length > 0;

        public void Add(RouteLatency x, LatencyTotal totalX, RouteLatency y, LatencyTotal totalY, double weight)
        {
            _weight += weight;
            _x += weight * totalX.Milliseconds / totalX.Count;
            _y += weight * totalY.Milliseconds / totalY.Count;
            _requestsX += totalX.Count;
            _requestsY += totalY.Count;
            _hasBuckets &= x.HasBuckets && y.HasBuckets;
            for (var i = 0; i < _withinX.Length && _hasBuckets; i++)
            {
                _withinX[i] += weight * x.AtMost(measure.Buckets)[i] / totalX.Count;
                _withinY[i] += weight * y.AtMost(measure.Buckets)[i] / totalY.Count;
            }
        }

        public LatencySlice ToSlice(TimeSpan length) => _weight <= 0
            ? None(length)
            : new LatencySlice(
                length, _weight, _x / _weight, _y / _weight, _requestsX, _requestsY, _hasBuckets ? Shares(_withinX) : [], _hasBuckets ? Shares(_withinY) : []);

        private double[] Shares(double[] within)
        {
            for (var i = 0; i < within.Length; i++)
            {
                within[i] /= _weight;
            }

            return within;
        }
    }
}

namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>What canary analysis services do: once a minute, do sixty error rates of Y rank above sixty of X (one-sided, 1 percent, normal approximation with ties)?</summary>
internal sealed class MannWhitney : IJudge
{
    private const int Points = 60;
    private const double Critical = 2.326;
    private readonly List<(double Rate, bool OfY)> _points = [];

    public bool HasFailed((int Requests, int Errors) x, (int Requests, int Errors) y) =>
        HasFailed(x.Requests == 0 ? 0 : (double)x.Errors / x.Requests, y.Requests == 0 ? 0 : (double)y.Errors / y.Requests);

    /// <summary>Takes a point of both sides.</summary>
    public bool HasFailed(double x, double y)
    {
        _points.Add((x, false));
        _points.Add((y, true));
        if (_points.Count < 2 * Points)
        {
            return false;
        }

        var failed = Score() > Critical;
        _points.Clear();
        return failed;
    }

    private double Score()
    {
        var (rankSum, ties, before) = (0.0, 0.0, 0);
        foreach (var group in _points.GroupBy(static p => p.Rate).OrderBy(static g => g.Key))
        {
            var count = group.Count();
            rankSum += group.Count(static p => p.OfY) * (before + ((count + 1) / 2.0));
            ties += Math.Pow(count, 3) - count;
            before += count;
        }

        const double all = 2 * Points;
        var u = rankSum - (Points * (Points + 1) / 2.0);
        var variance = Points * Points / 12.0 * (all + 1 - (ties / (all * (all - 1))));
        return variance <= 0 ? 0 : (u - (Points * Points / 2.0)) / Math.Sqrt(variance);
    }
}

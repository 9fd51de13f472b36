namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

/// <summary>Which weights stand for which share: every server of a side has the same, and HAProxy knows whole numbers up to 256.</summary>
/// <param name="ServersX">How many servers cluster X has.</param>
/// <param name="ServersY">How many servers cluster Y has.</param>
internal sealed record WeightPlan(int ServersX, int ServersY)
{
    /// <summary>The greatest weight that HAProxy takes.</summary>
    public const int Most = 256;

    // A tenth of a percent point: far below what anybody can see in the share of requests.
    private const double Tolerance = 0.001;

    /// <summary>The percents on Y, above 0, that weights can express.</summary>
    public IReadOnlyList<int> Shares() => [.. Enumerable.Range(1, 100).Where(w => w == 100 || Find(w) is not null)];

    /// <summary>The weight of each server of X and of each server of Y for a share strictly between 0 and 100 %; null when no weights come close enough.</summary>
    /// <remarks>Of equally good ones the smallest: HAProxy deals in turns as long as the sum of the weights.</remarks>
    public (int X, int Y)? Find(int weightY)
    {
        var (best, error) = (((int X, int Y)?)null, Tolerance);
        for (var y = 1; y <= Most; y++)
        {
            var x = (int)Math.Round((double)y * ServersY * (100 - weightY) / ((double)weightY * ServersX));
            if (x is >= 1 and <= Most && Math.Abs(ShareOf(x, y) - weightY / 100.0) is var off && off < error - 1e-9)
            {
                (best, error) = ((x, y), off);
            }
        }

        return best;
    }

    private double ShareOf(int x, int y) => (double)y * ServersY / ((x * ServersX) + (y * ServersY));
}

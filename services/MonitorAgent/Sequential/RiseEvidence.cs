namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Evidence against "the rate on Y is not higher than on X", as an e-value that may be looked at after every interval.</summary>
/// <remarks>
/// <para>
/// An interval's bet is the e-variable for two binomial samples of Turner, Ly and Grünwald ("Generic E-variables for exact sequential k-sample tests that allow for
/// optional stopping", 2021): the likelihood under a rate on Y that is higher by a given rise, over the likelihood when both have the mean of the two rates. Its expectation
/// is at most 1 whatever the true rates are, as long as Y's is not the higher one; they may also change from interval to interval, so what happens to both sides is no evidence.
/// </para>
/// <para>
/// Bets on several rises are held at once, each from the start and, since a fault may begin at any time, from every later interval on with a weight set before (as in the
/// e-detectors of Shin, Ramdas and Rinaldo, 2022). A sum of e-processes with weights of at most 1 is an e-process: by Ville's inequality the chance that it
/// ever reaches 1/alpha without a fault is at most alpha, however often one looks.
/// </para>
/// <para>An interval counts for at most <see cref="MostPerInterval"/>: errors come in bursts, and one bad second shall convince nobody. A smaller bet is still valid.</para>
/// </remarks>
public sealed class RiseEvidence
{
    /// <summary>What one interval can add, natural logarithm.</summary>
    public const double MostPerInterval = 5;

    private const double NearlyOne = 0.999;

    // The rises that are betted on, and how the stake is divided among them.
    private static readonly (double Rise, double LogStake)[] Rises =
        [(0.01, Math.Log(0.15)), (0.025, Math.Log(0.5)), (0.1, Math.Log(0.15)), (0.35, Math.Log(0.1)), (0.95, Math.Log(0.1))];

    // A fault of Y is mostly there when the step begins; else it begins at any moment of the first hour, the second (half as likely), and so on.
    private static readonly double LogAtStart = Math.Log(0.8);
    private static readonly double LogLater = Math.Log(0.2);
    private static readonly double LogHalf = Math.Log(0.5);
    private static readonly TimeSpan Horizon = TimeSpan.FromHours(1);

    private readonly double[] _fromStart = new double[Rises.Length];
    private readonly double[] _later = [.. Rises.Select(static _ => double.NegativeInfinity)];
    private TimeSpan _elapsed;

    /// <summary>Natural logarithm of the e-value now.</summary>
    public double Log { get; private set; }

    /// <summary>Takes the next interval.</summary>
    /// <param name="blocks">The kinds of traffic (routes), each compared with itself: the two sides may serve another mix of them.</param>
    /// <param name="length">Length of the interval.</param>
    /// <param name="share">How much of the evidence counts, 0 to 1, known before the interval: less where errors are known to come in bursts.</param>
    public void Add(IReadOnlyCollection<RateBlock> blocks, TimeSpan length, double share)
    {
        var start = LogLater + Math.Log(Math.Max(length / Horizon, 1e-9)) + ((Math.Floor(_elapsed / Horizon) + 1) * LogHalf);
        _elapsed += length;
        var all = double.NegativeInfinity;
        for (var i = 0; i < Rises.Length; i++)
        {
            var bet = Math.Min(MostPerInterval, share * blocks.Sum(block => Bet(block, Rises[i].Rise)));
            _fromStart[i] += bet;
            _later[i] = bet + Sum(_later[i], start);
            all = Sum(all, Rises[i].LogStake + Sum(LogAtStart + _fromStart[i], _later[i]));
        }

        Log = all;
    }

    private static double Bet(RateBlock block, double rise)
    {
        if (block.Bound is { } bound)
        {
            return LikelihoodRatio(block.HitsY, block.RequestsY, Raise(bound, rise), bound);
        }

        if (block.RequestsX <= 0 || block.RequestsY <= 0)
        {
            return 0;
        }

        var (x, y) = (block.Expected, Raise(block.Expected, rise));
        var both = ((block.RequestsX * x) + (block.RequestsY * y)) / (block.RequestsX + block.RequestsY);
        return LikelihoodRatio(block.HitsX, block.RequestsX, x, both) + LikelihoodRatio(block.HitsY, block.RequestsY, y, both);
    }

    private static double Raise(double rate, double rise) => Math.Min(rate + rise, Math.Max(NearlyOne, rate));

    private static double LikelihoodRatio(double hits, double requests, double rate, double both) =>
        (hits * Math.Log(rate / both)) + ((requests - hits) * Math.Log((1 - rate) / (1 - both)));

    private static double Sum(double left, double right)
    {
        var (larger, smaller) = left > right ? (left, right) : (right, left);
        return double.IsNegativeInfinity(smaller) ? larger : larger + Math.Log(1 + Math.Exp(smaller - larger));
    }
}

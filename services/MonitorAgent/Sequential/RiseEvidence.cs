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
/// <para>
/// An interval counts for at most <see cref="MostPerInterval"/> and <see cref="LeastIntervals"/> must speak against Y: errors come in bursts, and one or two bad seconds
/// shall convince nobody. A smaller bet and one more condition are still valid.
/// </para>
/// </remarks>
/// <param name="stakes">Which rises are betted on.</param>
public sealed class RiseEvidence(RiseStakes stakes)
{
    /// <summary>What one interval can add, natural logarithm.</summary>
    public const double MostPerInterval = 5;

    /// <summary>How many intervals must speak against Y before it may suffice.</summary>
    public const int LeastIntervals = 3;

    private const double NearlyOne = 0.999;

    // A fault of Y is mostly there when the step begins; else it begins at any moment of the first hour, the second (half as likely), and so on.
    private static readonly double LogAtStart = Math.Log(0.8);
    private static readonly double LogLater = Math.Log(0.2);
    private static readonly double LogHalf = Math.Log(0.5);
    private static readonly TimeSpan Horizon = TimeSpan.FromHours(1);

    private readonly double[] _fromStart = new double[stakes.Rises.Count];
    private readonly double[] _later = [.. stakes.Rises.Select(static _ => double.NegativeInfinity)];
    private TimeSpan _elapsed;
    private int _against;

    /// <summary>Natural logarithm of the e-value now.</summary>
    public double Log { get; private set; }

    /// <summary>Whether it suffices.</summary>
    /// <param name="needed">Natural logarithm of the e-value that is needed.</param>
    public bool Suffices(double needed) => Log >= needed && _against >= LeastIntervals;

    /// <summary>Takes the next interval.</summary>
    /// <param name="blocks">The kinds of traffic (routes), each compared with itself: the two sides may serve another mix of them.</param>
    /// <param name="length">Length of the interval.</param>
    /// <param name="share">How much of the evidence counts, 0 to 1, known before the interval: less where errors are known to come in bursts.</param>
    public void Add(IReadOnlyCollection<RateBlock> blocks, TimeSpan length, double share)
    {
        var start = LogLater + Math.Log(Math.Max(length / Horizon, 1e-9)) + ((Math.Floor(_elapsed / Horizon) + 1) * LogHalf);
        _elapsed += length;
        var (all, best) = (double.NegativeInfinity, double.NegativeInfinity);
        for (var i = 0; i < _fromStart.Length; i++)
        {
            var rise = stakes.Rises[i];
            var bet = Math.Min(MostPerInterval, share * blocks.Sum(block => Bet(block, rise)));
            best = Math.Max(best, bet);
            _fromStart[i] += bet;
            _later[i] = bet + Sum(_later[i], start);
            all = Sum(all, stakes.LogStakes[i] + Sum(LogAtStart + _fromStart[i], _later[i]));
        }

        Log = all;
        _against += best > 0 ? 1 : 0;
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

using KongUpgradeMesh.MonitorAgent.Sequential;

namespace KongUpgradeMesh.MonitorAgent.Analysis;

/// <summary>Exact probabilities of counts.</summary>
public static class BinomialTail
{
    /// <summary>Chance that pure luck shows a difference, at one look. So small because there are thousands of looks in an upgrade.</summary>
    public const double Luck = 1e-7;

    /// <summary>Probability of <paramref name="atLeast"/> or more successes in <paramref name="trials"/>, each of probability <paramref name="p"/>.</summary>
    public static double AtLeast(long atLeast, long trials, double p)
    {
        if (atLeast <= 0 || p >= 1)
        {
            return 1;
        }

        if (atLeast > trials || p <= 0)
        {
            return 0;
        }

        // Below the mean the tail is at least a half in all but tiny cases, which is all that is asked of it.
        if (atLeast <= trials * p)
        {
            return 1;
        }

        var term = Math.Exp(LogChoose(trials, atLeast) + (atLeast * Math.Log(p)) + ((trials - atLeast) * Math.Log(1 - p)));
        var sum = 0.0;
        for (var k = atLeast; k <= trials && term > 1e-300; k++)
        {
            sum += term;
            if (term < sum * 1e-12)
            {
                break;
            }

            term *= (trials - k) / (double)(k + 1) * (p / (1 - p));
        }

        return Math.Min(1, sum);
    }

    /// <summary>The highest probability under which so few successes are no surprise (the upper bound of Clopper and Pearson).</summary>
    /// <param name="successes">Successes seen.</param>
    /// <param name="trials">Trials, 1 or more.</param>
    /// <param name="missed">The chance that the true probability is higher.</param>
    public static double HighestRate(long successes, long trials, double missed)
    {
        if (successes >= trials)
        {
            return 1 - 1e-6;
        }

        var (low, high) = ((double)successes / trials, 1.0);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = AtLeast(trials - successes, trials, 1 - middle) > missed ? (middle, high) : (low, middle);
        }

        return Math.Clamp(high, 1e-6, 1 - 1e-6);
    }

    private static double LogChoose(long n, long k) => LogFactorial(n) - LogFactorial(k) - LogFactorial(n - k);

    private static double LogFactorial(long n) => n < 2 ? 0 : LogGamma.Of(n + 1);
}

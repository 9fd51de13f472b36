namespace KongUpgradeMesh.Benchmarks.Judging;

/// <summary>Random counts, fast enough for thousands of simulated hours.</summary>
internal sealed class Chance(int seed)
{
    private const double Large = 200;
    private readonly Random _random = new(seed);

    public double Uniform() => _random.NextDouble();

    /// <summary>Events in a second of so many on average.</summary>
    public int Poisson(double mean)
    {
        if (mean > Large)
        {
            return (int)Math.Max(0, Math.Round(mean + (Math.Sqrt(mean) * Normal())));
        }

        // Waiting times are added up until the second is over.
        var (count, time) = (0, Exponential());
        while (time < mean)
        {
            count++;
            time += Exponential();
        }

        return count;
    }

    /// <summary>Successes of so many independent trials; steps from success to success, which are rare.</summary>
    public int Binomial(int trials, double p)
    {
        if (p <= 0 || trials == 0)
        {
            return 0;
        }

        if (p > 0.5)
        {
            return trials - Binomial(trials, 1 - p);
        }

        var (count, at, scale) = (0, 0.0, -1 / Math.Log(1 - p));
        while ((at += Math.Floor(Exponential() * scale) + 1) <= trials)
        {
            count++;
        }

        return count;
    }

    /// <summary>Sum of so many exponential times of the given mean.</summary>
    public double SumOfExponentials(int count, double mean)
    {
        if (count > Large)
        {
            return Math.Max(0, mean * (count + (Math.Sqrt(count) * Normal())));
        }

        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            sum += Exponential();
        }

        return sum * mean;
    }

    /// <summary>Exponential of the given mean.</summary>
    public double Exponential(double mean) => mean * Exponential();

    /// <summary>Log-normal of the given mean and spread.</summary>
    public double LogNormal(double mean, double sigma) => mean * Math.Exp((sigma * Normal()) - (sigma * sigma / 2));

    /// <summary>Pareto of the given mean; below a shape of 2 its variance is infinite.</summary>
    public double Pareto(double mean, double shape) => mean * (shape - 1) / shape * Math.Pow(1 - _random.NextDouble(), -1 / shape);

    /// <summary>Standard normal.</summary>
    public double Normal() => Math.Sqrt(2 * Exponential()) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private double Exponential() => -Math.Log(1 - _random.NextDouble());
}

namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>How much more the share of slow requests on X wanders than independent requests would make it: slow requests that come together are worth less each.</summary>
/// <remarks>
/// As <see cref="Burstiness"/>, for shares that are not rare, and at several paces: a pause of a second shows between neighbouring seconds, a slow half minute only between
/// longer stretches. The worst pace counts. What chance alone does to a pace, one standard error, is not held against the evidence.
/// </remarks>
public sealed class Overdispersion
{
    // So much is taken as seen beforehand, independent.
    private const double Prior = 10;

    // Squared differences of neighbours share a stretch, so their sum varies by half as much again.
    private const double VarianceOfSquares = 3;
    private static readonly int[] Paces = [1, 4, 16];

    /// <summary>At how many paces it looks.</summary>
    public static int PaceCount => Paces.Length;

    private readonly Dispersion[] _known = new Dispersion[Paces.Length];
    private readonly (double Hits, double Requests, int Intervals)[] _open = new (double, double, int)[Paces.Length];
    private readonly (double Hits, double Requests)[] _last = new (double, double)[Paces.Length];

    /// <summary>Begins with what was known before.</summary>
    /// <param name="before">What <see cref="Known"/> said; empty or of another number of paces for nothing.</param>
    public Overdispersion(IReadOnlyList<Dispersion> before)
    {
        for (var i = 0; i < Paces.Length && before.Count == Paces.Length; i++)
        {
            _known[i] = before[i];
        }
    }

    /// <summary>What is known now, pace by pace.</summary>
    public IReadOnlyList<Dispersion> Known => [.. _known];

    /// <summary>The share of evidence that counts, above 0, at most 1.</summary>
    public double Share
    {
        get
        {
            var least = 1.0;
            foreach (var (squares, expected, expectedSquares) in _known)
            {
                least = Math.Min(least, (expected + Math.Sqrt(VarianceOfSquares * expectedSquares) + Prior) / (squares + Prior));
            }

            return least;
        }
    }

    /// <summary>Takes an interval of X.</summary>
    /// <param name="hits">Slow requests in it.</param>
    /// <param name="requests">Requests in it.</param>
    public void Add(double hits, double requests)
    {
        for (var i = 0; i < Paces.Length; i++)
        {
            var (openHits, openRequests, intervals) = _open[i];
            _open[i] = (openHits + hits, openRequests + requests, intervals + 1);
            if (intervals + 1 == Paces[i])
            {
                Close(i);
            }
        }
    }

    private void Close(int pace)
    {
        var ((hits, requests, _), (lastHits, lastRequests)) = (_open[pace], _last[pace]);
        _open[pace] = default;
        if (requests <= 0)
        {
            return;
        }

        _last[pace] = (hits, requests);
        var rate = (hits + lastHits) / (requests + lastRequests);
        if (lastRequests <= 0 || rate is <= 0 or >= 1)
        {
            return;
        }

        var difference = (hits / requests) - (lastHits / lastRequests);
        var expected = (hits + lastHits) * (1 - rate);
        var known = _known[pace];
        _known[pace] = new Dispersion(
            known.Squares + (difference * difference * requests * lastRequests), known.Expected + expected, known.ExpectedSquares + (expected * expected));
    }
}

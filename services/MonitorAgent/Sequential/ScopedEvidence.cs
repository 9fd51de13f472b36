namespace KongUpgradeMesh.MonitorAgent.Sequential;

/// <summary>Evidence for many parts of the traffic at once, each by itself.</summary>
/// <remarks>
/// A part is followed from the interval after its first hit on Y on, which is a stopping time, so that its evidence begins at 1 whatever came before. What never hits costs
/// nothing. The n-th part to be followed gets 1/(n(n+1)) of alpha: however many there are, these add up to less than alpha (Bonferroni).
/// </remarks>
/// <param name="alpha">The chance of a false alarm on any of them, above 0, below 1.</param>
internal sealed class ScopedEvidence(double alpha)
{
    private readonly Dictionary<Scope, (RiseEvidence Evidence, double Needed)> _followed = [];

    /// <summary>Where the evidence suffices, the strongest first.</summary>
    public IEnumerable<Scope> Found => _followed
        .Where(static f => f.Value.Evidence.Suffices(f.Value.Needed))
        .OrderByDescending(static f => f.Value.Evidence.Log - f.Value.Needed)
        .Select(static f => f.Key);

    /// <summary>Takes an interval of one part.</summary>
    public void Add(Scope scope, IReadOnlyCollection<RateBlock> blocks, TimeSpan length, double share)
    {
        if (_followed.TryGetValue(scope, out var followed))
        {
            followed.Evidence.Add(blocks, length, share);
        }
        else if (blocks.Any(static b => b.HitsY > 0))
        {
            double number = _followed.Count + 1;
            _followed[scope] = (new RiseEvidence(RiseStakes.Answers), Math.Log(number * (number + 1)) - Math.Log(alpha));
        }
    }
}

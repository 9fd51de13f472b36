using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sequential;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>Follows the declared load balancers over a watch. Safe for readings from several threads.</summary>
/// <param name="count">How many are declared.</param>
/// <param name="alpha">The chance of a false alarm by what they saw, over the watch.</param>
/// <param name="kept">How much of the past is kept interval by interval.</param>
/// <param name="reference">What is remembered of X; null when nothing is.</param>
public sealed class BalancerTrack(int count, double alpha, TimeSpan kept, Reference? reference)
{
    private readonly Lock _gate = new();
    private readonly (BalancerReading? Last, TimeSpan? ReadAt, string? Problem)[] _balancers = new (BalancerReading?, TimeSpan?, string?)[count];
    private readonly BalancerEvidence[] _evidence = [.. BalancerKind.All.Select(kind => new BalancerEvidence(kind, alpha, reference))];
    private readonly List<BalancerTick> _ticks = [];
    private (BalancerTally X, BalancerTally Y) _pending = (BalancerTally.None, BalancerTally.None);
    private (BalancerTally X, BalancerTally Y) _sinceStart = (BalancerTally.None, BalancerTally.None);

    /// <summary>What they saw of X since the watch began.</summary>
    public BalancerTally X => _sinceStart.X;

    /// <summary>How bursty what they saw of X is, by the name of its kind.</summary>
    public IEnumerable<KeyValuePair<string, Scatter>> Scatters => _evidence.Select(static e => KeyValuePair.Create(e.Kind.Name, e.Scatter));

    /// <summary>Takes a reading made at <paramref name="at"/> since the watch began.</summary>
    /// <param name="index">Which of the declared ones.</param>
    /// <param name="reading">What it said.</param>
    /// <param name="at">When.</param>
    public void Record(int index, BalancerReading reading, TimeSpan at)
    {
        lock (_gate)
        {
            var (last, readAt, _) = _balancers[index];
            if (reading.Problem is not null)
            {
                _balancers[index] = (last, readAt, reading.Problem);
                return;
            }

            if (last is not null)
            {
                // A reload replaces the process and with it every counter at once, also those that happen to be higher again.
                var anew = reading.X.FellSince(last.X) || reading.Y.FellSince(last.Y);
                _pending = (
                    _pending.X.Plus(anew ? reading.X : reading.X.Since(last.X)),
                    _pending.Y.Plus(anew ? reading.Y : reading.Y.Since(last.Y)));
            }

            _balancers[index] = (reading, at, null);
        }
    }

    /// <summary>Hands out what was seen since the last call.</summary>
    public BalancerMoment Take()
    {
        lock (_gate)
        {
            var (x, y) = _pending;
            _pending = (BalancerTally.None, BalancerTally.None);
            var readAt = Array.Exists(_balancers, static b => b.ReadAt is null) ? null : _balancers.Min(static b => b.ReadAt);
            return new BalancerMoment(x, y, readAt, _balancers.Select(static b => b.Problem).FirstOrDefault(static p => p is not null));
        }
    }

    /// <summary>Adds an interval and says what is known with it.</summary>
    public BalancerView Add(BalancerMoment seen, TimeSpan at, TimeSpan length, bool bothServe)
    {
        foreach (var evidence in _evidence)
        {
            evidence.Add(seen, length, bothServe);
        }

        _ticks.Add(new BalancerTick(at, length, seen));
        _ticks.RemoveAll(t => t.At <= at - kept);
        _sinceStart = (_sinceStart.X.Plus(seen.X), _sinceStart.Y.Plus(seen.Y));
        return new BalancerView([.. _ticks], _sinceStart.X, _sinceStart.Y, [.. _evidence.Where(static e => e.Suffices).Select(static e => e.Kind)]);
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

/// <summary>What the agent keeps of the weights that it sets: a weight has no room for a record.</summary>
internal sealed record WeightsNote
{
    /// <summary>The record that the weights stand for.</summary>
    public required TrafficRecord Record { get; init; }

    /// <summary>The weights by name of the server.</summary>
    public required IReadOnlyDictionary<string, int> Weights { get; init; }

    /// <summary>The weights that were there when the write began; null once HAProxy has reported the new ones.</summary>
    public IReadOnlyDictionary<string, int>? Before { get; init; }

    /// <summary>The life of HAProxy that took them.</summary>
    public required HAProxyProcess Process { get; init; }

    /// <summary>What the backend shows, seen with this note.</summary>
    /// <param name="backend">The backend right now.</param>
    /// <param name="split">The split in force.</param>
    public ObservedTraffic Judge(WeightedBackend backend, TrafficSplit split)
    {
        // Without any weight on Y all is on X, however X's nodes share it.
        var isMet = Record.Split == TrafficSplit.AllOnX ? split == TrafficSplit.AllOnX : backend.Has(Weights) && (!backend.HasServersOut || split == Record.Split);
        if (isMet)
        {
            return new ObservedTraffic(Record.Split, Record, Tampered: false);
        }

        var isAnew = backend.IsAsConfigured && !Process.Is(backend.Process);
        return isAnew || IsCutShort(backend)
            ? new ObservedTraffic(split, Record, Tampered: false) { HasLapsed = true }
            : new ObservedTraffic(split, Record, Tampered: true);
    }

    // Between the first and the last weight of a write that HAProxy did not finish, or that never reached it.
    private bool IsCutShort(WeightedBackend backend) => Before is not null && backend.Weights.All(s =>
        (Weights.TryGetValue(s.Key, out var wanted) && wanted == s.Value) || (Before.TryGetValue(s.Key, out var before) && before == s.Value));
}

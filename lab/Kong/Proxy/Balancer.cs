using System.Text.Json.Nodes;

namespace KongUpgradeMesh.Lab.StandInKong.Proxy;

/// <summary>Weighted round robin over the targets of one upstream.</summary>
internal sealed class Balancer
{
    private const int LargestRing = 4096;
    private readonly Peer[] _ring;
    private uint _next;

    public Balancer(JsonObject upstream, IEnumerable<JsonObject> targets)
    {
        Name = (string)upstream["name"]!;
        HostHeader = (string?)upstream["host_header"];
        HealthChecksOn = Threshold(upstream, "active", "healthy", "interval") > 0 || Threshold(upstream, "passive", "unhealthy", "http_failures") > 0
            || Threshold(upstream, "passive", "unhealthy", "tcp_failures") > 0 || Threshold(upstream, "passive", "unhealthy", "timeouts") > 0
            || Threshold(upstream, "active", "unhealthy", "interval") > 0;
        Targets = [.. targets.Select(t => new Peer((string)t["target"]!, (int?)t["weight"] ?? 100))];
        _ring = Ring(Targets);
    }

    public string Name { get; }

    public string? HostHeader { get; }

    public bool HealthChecksOn { get; }

    public IReadOnlyList<Peer> Targets { get; }

    /// <summary>The peer whose turn it is; null when no target has a weight.</summary>
    public Peer? Next() => _ring.Length == 0 ? null : _ring[(Interlocked.Increment(ref _next) - 1) % (uint)_ring.Length];

    private static double Threshold(JsonObject upstream, params string[] path)
    {
        JsonNode? node = upstream["healthchecks"];
        foreach (var segment in path)
        {
            node = (node as JsonObject)?[segment];
        }

        return node is null ? 0 : (double)node;
    }

    // Smooth weighted round robin, unrolled once: heavy targets are spread instead of taking turns in blocks.
    private static Peer[] Ring(IReadOnlyList<Peer> peers)
    {
        var weighted = peers.Where(p => p.Weight > 0).ToArray();
        if (weighted.Length == 0)
        {
            return [];
        }

        var divisor = weighted.Select(p => p.Weight).Aggregate(Gcd);
        var weights = weighted.Select(p => p.Weight / divisor).ToArray();
        while (weights.Sum() > LargestRing)
        {
            weights = [.. weights.Select(w => Math.Max(1, w / 2))];
        }

        var credit = new int[weights.Length];
        var total = weights.Sum();
        var ring = new Peer[total];
        for (var i = 0; i < total; i++)
        {
            var best = 0;
            for (var j = 0; j < weights.Length; j++)
            {
                credit[j] += weights[j];
                best = credit[j] > credit[best] ? j : best;
            }

            credit[best] -= total;
            ring[i] = weighted[best];
        }

        return ring;
    }

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy.Weights;

/// <summary>In which order weights are set, since HAProxy deals on between two of them.</summary>
/// <remarks>First what takes traffic from Y, then what gives it to Y, so that at no moment Y gets more than before or after. Of each, a server gains before another loses:
/// some server always has a weight, and round robin does not deal the rest of its turn to one side, which it does for hundreds of requests when X loses first.</remarks>
internal static class WeightOrder
{
    // Some hundred commands of the longest names fit into HAProxy's buffer of 16 KiB.
    private const int MostInALine = 50;

    /// <summary>Lines of commands, each to be sent at once.</summary>
    public static IEnumerable<string> Lines(WeightedBackend backend, IReadOnlyDictionary<string, int> wanted, string name)
    {
        var changes = Gains(backend.X, wanted).Concat(Losses(backend.Y, wanted)).Concat(Gains(backend.Y, wanted)).Concat(Losses(backend.X, wanted));
        return changes.Select(s => $"set server {name}/{s.Name} weight {wanted[s.Name]}").Chunk(MostInALine).Select(static c => string.Join(';', c));
    }

    private static IEnumerable<WeightedServer> Gains(IEnumerable<WeightedServer> side, IReadOnlyDictionary<string, int> wanted) => side.Where(s => wanted[s.Name] > s.Weight);

    private static IEnumerable<WeightedServer> Losses(IEnumerable<WeightedServer> side, IReadOnlyDictionary<string, int> wanted) => side.Where(s => wanted[s.Name] < s.Weight);
}

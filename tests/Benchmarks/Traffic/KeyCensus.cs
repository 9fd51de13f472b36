using System.Collections.Concurrent;
using KongUpgradeMesh.Lab.Load;

namespace KongUpgradeMesh.Benchmarks.Traffic;

/// <summary>Asks for each of many sticky keys which side serves it.</summary>
internal static class KeyCensus
{
    private const double RatePerSecond = 5_000;

    /// <summary>A client of the load with this key.</summary>
    public static LoadClient Client(int key) => new($"consumer-{key}", new Dictionary<string, string> { ["apikey"] = $"consumer-{key}" });

    /// <summary>The keys that are on Y.</summary>
    public static async Task<IReadOnlySet<string>> TakeAsync(Uri frontend, int keys, CancellationToken cancellationToken)
    {
        var sides = new ConcurrentDictionary<string, string>();
        using var all = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var load = new LoadGenerator(
            new LoadOptions
            {
                Target = frontend,
                Clients = [.. Enumerable.Range(0, keys).Select(Client)],
                Requests = [new LoadRequest { Path = "/" }],
                RatePerSecond = RatePerSecond,
                MaximumInFlight = 16,
                Observer = (client, _, answer, _, _) =>
                {
                    // The first full answer counts; whoever got none is asked again in the next round.
                    if (answer.Side is { } side && sides.TryAdd(client.Key, side) && sides.Count == keys)
                    {
                        all.Cancel();
                    }
                },
            },
            TimeProvider.System);
        await load.RunAsync(null, all.Token);
        cancellationToken.ThrowIfCancellationRequested();
        return sides.Where(static s => s.Value == "y").Select(static s => s.Key).ToHashSet(StringComparer.Ordinal);
    }
}

using System.Collections.Concurrent;

namespace KongUpgradeMesh.Benchmarks.Traffic;

/// <summary>Asks for each of many sticky keys which side serves it.</summary>
internal static class KeyCensus
{
    private const int Connections = 16;

    /// <summary>The n-th key.</summary>
    public static string Key(int number) => $"consumer-{number}";

    /// <summary>The keys that are on Y. Here a request may be repeated: the question is where a key goes, not whether requests fail.</summary>
    public static async Task<IReadOnlySet<string>> TakeAsync(Uri frontend, int keys, CancellationToken cancellationToken)
    {
        var onY = new ConcurrentBag<string>();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
        await Parallel.ForEachAsync(Enumerable.Range(0, keys), new ParallelOptions { MaxDegreeOfParallelism = Connections, CancellationToken = cancellationToken }, async (number, token) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, frontend);
            request.Headers.Add("apikey", Key(number));
            using var answer = await http.SendAsync(request, token);
            if (answer.EnsureSuccessStatusCode().Headers.GetValues("X-KUM-Side").Single() == "y")
            {
                onY.Add(Key(number));
            }
        });
        return onY.ToHashSet(StringComparer.Ordinal);
    }
}

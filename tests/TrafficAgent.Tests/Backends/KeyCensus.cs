namespace KongUpgradeMesh.TrafficAgent.Tests.Backends;

/// <summary>Asks for each of many sticky keys which side serves it.</summary>
public static class KeyCensus
{
    private const int Connections = 8;

    /// <summary>One request for each key; element i tells whether key i is on Y.</summary>
    public static async Task<bool[]> TakeAsync(int port, int keys, CancellationToken cancellationToken)
    {
        var onY = new bool[keys];
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async first =>
        {
            using var client = new RawClient(port);
            for (var key = first; key < keys; key += Connections)
            {
                onY[key] = await client.SendAsync($"consumer-{key}", cancellationToken) == "y";
            }
        }));
        return onY;
    }
}

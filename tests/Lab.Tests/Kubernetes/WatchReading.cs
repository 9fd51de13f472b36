namespace KongUpgradeMesh.Lab.Tests.Kubernetes;

/// <summary>Reads a watch line by line.</summary>
internal static class WatchReading
{
    /// <summary>Begins a request and returns when its answer has begun.</summary>
    public static async Task<StreamReader> GetStreamReaderAsync(this HttpClient client, string path, CancellationToken cancellationToken)
    {
        var response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return new StreamReader(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken));
    }
}

using System.Net;

namespace KongUpgradeMesh.Benchmarks.Scraping;

/// <summary>The floor: the same answers of the same nodes at the same pace, fetched and thrown away unread. No watch in .NET can cost less.</summary>
internal static class BareFetch
{
    private const int BufferBytes = 32 * 1024;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    /// <summary>Cores used, and bytes of one node's answers.</summary>
    public static async Task<(double Cores, double Bytes)> MeasureAsync(Fleet fleet, TimeSpan interval, TimeSpan length, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None });
        var (bytes, readings) = (0L, 0L);
        var work = fleet.Ports.Select((port, index) => FetchAsync(port, interval * index / fleet.Ports.Count)).ToArray();
        await Task.Delay(WarmUp, TimeProvider.System, cancellationToken);
        var meter = new CpuMeter();
        await Task.Delay(length, TimeProvider.System, cancellationToken);
        var cores = meter.Cores();
        await stop.CancelAsync();
        await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return (cores, bytes / (double)Math.Max(1, readings));

        async Task FetchAsync(int port, TimeSpan after)
        {
            var buffer = new byte[BufferBytes];
            await Task.Delay(after, TimeProvider.System, stop.Token);
            using var timer = new PeriodicTimer(interval, TimeProvider.System);
            do
            {
                foreach (var path in new[] { "status", "metrics" })
                {
                    using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/{path}"), HttpCompletionOption.ResponseHeadersRead, stop.Token);
                    await using var body = await response.Content.ReadAsStreamAsync(stop.Token);
                    int read;
                    while ((read = await body.ReadAsync(buffer, stop.Token)) > 0)
                    {
                        Interlocked.Add(ref bytes, read);
                    }
                }

                Interlocked.Increment(ref readings);
            }
            while (await timer.WaitForNextTickAsync(stop.Token));
        }
    }
}

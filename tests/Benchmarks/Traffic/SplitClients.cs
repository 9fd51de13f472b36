using System.Globalization;

namespace KongUpgradeMesh.Benchmarks.Traffic;

/// <summary>Clients with many keys that never stop asking; remembers when the last request began that cluster Y answered.</summary>
internal sealed class SplitClients : IAsyncDisposable
{
    private const int Clients = 4;
    private const int Keys = 1000;

    // Some hundred requests a second: the reflex is measured beside traffic, not beside a machine that has nothing left.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
    private readonly Task _work;
    private long _lastOnY;
    private long _onX;
    private long _onY;

    public SplitClients(Uri frontend) => _work = Task.WhenAll(Enumerable.Range(0, Clients).Select(client => AskAsync(frontend, client)));

    /// <summary>When the last request began that Y answered, by <see cref="TimeProvider.System"/>.</summary>
    public long LastOnY => Volatile.Read(ref _lastOnY);

    /// <summary>Waits until so many more requests were answered by the side.</summary>
    public async Task AwaitAsync(bool sideY, int requests, CancellationToken cancellationToken)
    {
        var until = Seen(sideY) + requests;
        while (Seen(sideY) < until)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _stop.Dispose();
    }

    private long Seen(bool sideY) => sideY ? Volatile.Read(ref _onY) : Volatile.Read(ref _onX);

    private async Task AskAsync(Uri frontend, int client)
    {
        for (var key = client; !_stop.IsCancellationRequested; key += Clients)
        {
            try
            {
                await Task.Delay(Pause, TimeProvider.System, _stop.Token);
                var began = TimeProvider.System.GetTimestamp();
                using var request = new HttpRequestMessage(HttpMethod.Get, frontend);
                request.Headers.Add("apikey", (key % Keys).ToString(CultureInfo.InvariantCulture));
                using var answer = await _http.SendAsync(request, _stop.Token);
                if (await answer.Content.ReadAsStringAsync(_stop.Token) == "y")
                {
                    Volatile.Write(ref _lastOnY, began);
                    Interlocked.Increment(ref _onY);
                }
                else
                {
                    Interlocked.Increment(ref _onX);
                }
            }
            catch (HttpRequestException)
            {
                // A reload of nginx may reset a kept connection; how many is another benchmark's question.
            }
        }
    }
}

using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>The clients: requests at a steady rate, whether or not earlier ones were answered, each answer judged and kept.</summary>
public sealed class ClientTraffic : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<ClientAnswer> _answers = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;
    private readonly TimeProvider _clock;
    private readonly Task _sending;
    private int _inFlight;
    private long _onY;
    private long _failed;

    private ClientTraffic(Uri balancer, double requestsPerSecond, TimeProvider clock)
    {
        _clock = clock;
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,

            // Well below the balancer's keep-alive: else a connection could be closed just as a request is written to it.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
        })
        {
            BaseAddress = balancer,
            Timeout = RequestTimeout,
        };
        _sending = requestsPerSecond > 0 ? SendAsync(requestsPerSecond, _stop.Token) : Task.CompletedTask;
    }

    /// <summary>The requests so far, as numbers.</summary>
    public ClientCounts Counts => new(_answers.Count, Interlocked.Read(ref _onY), Interlocked.Read(ref _failed));

    /// <summary>The answers so far.</summary>
    public IReadOnlyList<ClientAnswer> Answers => [.. _answers];

    /// <summary>Proves that every request of the mix is answered as expected, then begins to send.</summary>
    /// <exception cref="LabException">A request was not answered as expected within a few seconds.</exception>
    public static async Task<ClientTraffic> StartAsync(Uri balancer, double requestsPerSecond, TimeProvider clock, CancellationToken cancellationToken)
    {
        await SampleTrafficProof.ProveAsync(balancer, clock, cancellationToken);
        return new ClientTraffic(balancer, requestsPerSecond, clock);
    }

    /// <summary>Sends no more and waits for the answers that are still to come.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var began = _clock.GetTimestamp();
        while (Volatile.Read(ref _inFlight) > 0 && _clock.GetElapsedTime(began) < RequestTimeout)
        {
            await Task.Delay(Tick, _clock, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task SendAsync(double requestsPerSecond, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick, _clock);
        var began = _clock.GetTimestamp();
        long sent = 0;
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            for (var due = (long)(_clock.GetElapsedTime(began).TotalSeconds * requestsPerSecond); sent < due; sent++)
            {
                Interlocked.Increment(ref _inFlight);
                _ = SendOneAsync(SampleTraffic.Next(Random.Shared));
            }
        }
    }

    private async Task SendOneAsync(SampleRequest request)
    {
        var sentAt = _clock.GetUtcNow();
        ClusterSide? side = null;
        int? status = null;
        try
        {
            using var message = request.ToMessage();
            using var response = await _http.SendAsync(message);
            side = SideOf(response);
            status = (int)response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // Without an answer: side and status stay unknown and the request counts as failed.
        }

        var answer = new ClientAnswer(request.Client, sentAt, _clock.GetUtcNow(), side, status, status == request.ExpectedStatus);
        _answers.Enqueue(answer);
        if (side == ClusterSide.Y)
        {
            Interlocked.Increment(ref _onY);
        }

        if (!answer.IsExpected)
        {
            Interlocked.Increment(ref _failed);
        }

        Interlocked.Decrement(ref _inFlight);
    }

    private static ClusterSide? SideOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues(HaproxyServer.SideHeader, out var values)
            ? values.First() switch
            {
                "x" => ClusterSide.X,
                "y" => ClusterSide.Y,
                _ => null,
            }
            : null;
}

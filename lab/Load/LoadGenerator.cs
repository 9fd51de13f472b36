using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace KongUpgradeMesh.Lab.Load;

/// <summary>Makes client traffic at a steady rate, never repeats a request, and counts what became of each.</summary>
public sealed class LoadGenerator : IAsyncDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(5);

    private readonly LoadOptions _options;
    private readonly TimeProvider _clock;
    private readonly LoadLedger _ledger;
    private readonly LoadRequest[] _mix;
    private readonly ConcurrentStack<HttpConnection> _idle = new();
    private readonly ConcurrentDictionary<Task, bool> _open = new();
    private readonly ConcurrentDictionary<(LoadClient, LoadRequest), byte[]> _written = new();
    private int _inFlight;

    /// <summary>Prepares the load; nothing is sent yet.</summary>
    /// <param name="options">What load.</param>
    /// <param name="clock">Paces and measures.</param>
    public LoadGenerator(LoadOptions options, TimeProvider clock)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.Clients.Count);
        ArgumentOutOfRangeException.ThrowIfZero(options.Requests.Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.RatePerSecond);
        _options = options;
        _clock = clock;
        _ledger = new LoadLedger(clock);
        _mix = [.. options.Requests.SelectMany(static r => Enumerable.Repeat(r, Math.Max(1, r.Weight)))];
    }

    /// <summary>What has been seen so far; may be called at any time from any thread.</summary>
    public LoadReport Report() => _ledger.Snapshot();

    /// <summary>Clients may move from Y to X until <see cref="DeclareShift"/>.</summary>
    /// <param name="begunAt">Moves since then are right too; null for now.</param>
    public void DeclareRollback(DateTimeOffset? begunAt = null) => _ledger.DeclareRollback(begunAt ?? _clock.GetUtcNow());

    /// <summary>Clients may move from X to Y only; so it is from the beginning.</summary>
    public void DeclareShift() => _ledger.DeclareShift();

    /// <summary>Runs until the duration is over or it is cancelled, then waits for the open requests; both are ordinary ends.</summary>
    /// <param name="duration">How long; null until cancelled.</param>
    /// <param name="cancellationToken">Ends the load.</param>
    public async Task<LoadReport> RunAsync(TimeSpan? duration, CancellationToken cancellationToken)
    {
        var start = _clock.GetTimestamp();
        var sent = 0L;
        while (!cancellationToken.IsCancellationRequested && (duration is null || _clock.GetElapsedTime(start) < duration))
        {
            for (var due = (long)(_clock.GetElapsedTime(start).TotalSeconds * _options.RatePerSecond); sent < due; sent++)
            {
                Begin(sent);
            }

            await Task.Delay(Beat, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Requests that were begun are finished, or they would be missing from the count.
        await Task.WhenAll(_open.Keys);
        return Report();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_open.Keys);
        while (_idle.TryPop(out var connection))
        {
            connection.Dispose();
        }
    }

    private void Begin(long number)
    {
        if (Volatile.Read(ref _inFlight) >= _options.MaximumInFlight)
        {
            _ledger.Skip();
            return;
        }

        // The mix moves on once per round of clients, so that every client sends every kind of request.
        var client = _options.Clients[(int)(number % _options.Clients.Count)];
        var request = _mix[(int)((number + (number / _options.Clients.Count)) % _mix.Length)];
        Interlocked.Increment(ref _inFlight);
        var task = Task.Run(() => SendAsync(client, request));
        _open[task] = true;
        _ = task.ContinueWith(t => _open.TryRemove(t, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task SendAsync(LoadClient client, LoadRequest request)
    {
        var (began, timestamp) = (_clock.GetUtcNow(), _clock.GetTimestamp());
        try
        {
            var answer = await AnswerAsync(client, request);
            var took = _clock.GetElapsedTime(timestamp);
            _ledger.Add(client, request, answer, began, took);
            _options.Observer?.Invoke(client, request, answer, began, took);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private async Task<LoadAnswer> AnswerAsync(LoadClient client, LoadRequest request)
    {
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _clock);
        HttpConnection? connection = null;
        try
        {
            connection = await TakeAsync(timeout.Token);
            var bytes = _written.GetOrAdd((client, request), Write);
            var answer = await connection.SendAsync(bytes, request.Method == "HEAD", timeout.Token);
            if (connection.Reusable)
            {
                _idle.Push(connection);
                connection = null;
            }

            return answer;
        }
        catch (OperationCanceledException)
        {
            return new LoadAnswer(0, null, "timeout");
        }
        catch (Exception exception)
        {
            // Whatever it was, the client got no answer, and that is what is counted.
            return new LoadAnswer(0, null, (exception as SocketException ?? exception.InnerException as SocketException)?.SocketErrorCode.ToString() ?? exception.Message);
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private async Task<HttpConnection> TakeAsync(CancellationToken cancellationToken)
    {
        while (_idle.TryPop(out var connection))
        {
            if (connection.IsAlive())
            {
                return connection;
            }

            connection.Dispose();
        }

        return await HttpConnection.OpenAsync(_options.Target, cancellationToken);
    }

    private byte[] Write((LoadClient Client, LoadRequest Request) what)
    {
        var (client, request) = what;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Host"] = _options.Target.Authority };
        foreach (var (name, value) in client.Headers.Concat(request.Headers))
        {
            headers[name] = value;
        }

        var body = Encoding.UTF8.GetBytes(request.Body ?? "");
        if (request.Body is not null)
        {
            headers["Content-Length"] = body.Length.ToString();
        }

        var head = new StringBuilder($"{request.Method} {request.Path} HTTP/1.1\r\n");
        foreach (var (name, value) in headers)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. body];
    }
}

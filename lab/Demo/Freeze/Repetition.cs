namespace KongUpgradeMesh.Lab.Demo.Freeze;

/// <summary>Does something again and again until it is told to stop. Starting and stopping may be asked for by several at once.</summary>
/// <param name="work">What is done; ends early when cancelled.</param>
/// <param name="interval">Time between two beginnings.</param>
/// <param name="clock">Measures the interval.</param>
public sealed class Repetition(Func<CancellationToken, Task> work, TimeSpan interval, TimeProvider clock) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _stop;
    private Task _loop = Task.CompletedTask;

    /// <summary>Begins, unless it is under way.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_stop is null)
            {
                _stop = new CancellationTokenSource();
                _loop = LoopAsync(_stop.Token);
            }
        }
    }

    /// <summary>Ends it; the last round is over when this returns, whoever asked first.</summary>
    public async Task StopAsync()
    {
        CancellationTokenSource? stop;
        Task loop;
        lock (_gate)
        {
            (stop, _stop, loop) = (_stop, null, _loop);
        }

        if (stop is not null)
        {
            await stop.CancelAsync();
        }

        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop?.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task LoopAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, clock);
        do
        {
            await work(cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}

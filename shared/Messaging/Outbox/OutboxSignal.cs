namespace KongUpgradeMesh.Messaging.Outbox;

/// <summary>Wakes the dispatcher. It has one slot: a wake-up during a sweep is kept, further ones fall together.</summary>
internal sealed class OutboxSignal(TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _slot = new(0, 1);

    public void Set()
    {
        try
        {
            _slot.Release();
        }
        catch (SemaphoreFullException)
        {
            // A wake-up is pending already.
        }
        catch (ObjectDisposedException)
        {
            // The last transaction of a stopping host: whoever runs next finds its rows.
        }
    }

    /// <summary>Returns when woken or after <paramref name="longest"/>.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var signal = _slot.WaitAsync(either.Token);
        var timer = Task.Delay(longest, clock, either.Token);
        await Task.WhenAny(signal, timer);
        await either.CancelAsync();

        // A wake-up that came together with the timer is consumed here too, and the sweep that follows serves it.
        await ((Task)Task.WhenAll(signal, timer)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _slot.Dispose();
}

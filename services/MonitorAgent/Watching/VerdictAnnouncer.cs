using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>Publishes beside the judging, so that a dead broker never delays a reading. Only the newest verdict is worth sending.</summary>
/// <param name="publisher">Sends events.</param>
public sealed class VerdictAnnouncer(IStepPublisher publisher) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _news = new(0);
    private WatchEstablished? _established;
    private VerdictReached? _verdict;
    private CancellationTokenSource? _sending;
    private Verdict? _sendingVerdict;

    /// <summary>Says once that every side is seen; it goes out before any later verdict.</summary>
    public void Announce(WatchEstablished established)
    {
        lock (_gate)
        {
            _established = established;
        }

        _news.Release();
    }

    /// <summary>Says the newest verdict. One of another kind that is still waiting for the broker is given up.</summary>
    public void Announce(VerdictReached verdict)
    {
        lock (_gate)
        {
            _verdict = verdict;
            if (_sendingVerdict is { } sending && sending != verdict.Verdict)
            {
                _sending?.Cancel();
            }
        }

        _news.Release();
    }

    /// <summary>Sends until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _news.WaitAsync(cancellationToken);
            await SendNewestAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _news.Dispose();

    private async Task SendNewestAsync(CancellationToken cancellationToken)
    {
        IStepEvent? news;
        using var sending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lock (_gate)
        {
            // What had to go first may still be unsent while a verdict overtook it in the queue of news.
            news = _established is not null ? _established : _verdict;
            if (_established is not null)
            {
                _established = null;
                _news.Release();
            }
            else
            {
                _verdict = null;
                _sending = sending;
                _sendingVerdict = (news as VerdictReached)?.Verdict;
            }
        }

        try
        {
            if (news is not null)
            {
                await publisher.PublishAsync(news, sending.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A newer verdict took its place.
        }
        finally
        {
            lock (_gate)
            {
                _sending = null;
                _sendingVerdict = null;
            }
        }
    }
}

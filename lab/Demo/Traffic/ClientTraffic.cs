using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Lab.Load;

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>The clients of the sample configuration at work; every single answer is kept.</summary>
public sealed class ClientTraffic : IAsyncDisposable
{
    // A machine that stalls for ten seconds fails no request of the upgrade's doing; one that is lost is missing after half a minute as well.
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(30);
    private readonly ConcurrentQueue<ClientAnswer> _answers = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly LoadGenerator[] _generators;
    private readonly Task _sending;
    private long _onY;
    private long _failed;

    private ClientTraffic(Uri balancer, double requestsPerSecond, TimeProvider clock)
    {
        _generators = requestsPerSecond > 0
            ? [.. SampleTraffic.Kinds.Select(kind => new LoadGenerator(
                new LoadOptions { Target = balancer, Clients = kind.Clients, Requests = kind.Requests, RatePerSecond = requestsPerSecond * kind.Share, Observer = Keep, RequestTimeout = RequestTimeout },
                clock))]
            : [];
        _sending = Task.WhenAll(_generators.Select(g => g.RunAsync(null, _stop.Token)));
    }

    /// <summary>The requests so far, as numbers.</summary>
    public ClientCounts Counts => new(_answers.Count, Interlocked.Read(ref _onY), Interlocked.Read(ref _failed));

    /// <summary>The answers so far.</summary>
    public IReadOnlyList<ClientAnswer> Answers => [.. _answers];

    /// <summary>The first failures of each kind of client, in words.</summary>
    public IReadOnlyList<LoadFailure> Failures => [.. _generators.SelectMany(static g => g.Report().Failures).OrderBy(static f => f.At)];

    /// <summary>Requests that were due but not sent because too many were open.</summary>
    public long Skipped => _generators.Sum(static g => g.Report().Skipped);

    /// <summary>Proves that every request of the mix is answered as expected, then begins to send.</summary>
    /// <exception cref="LabException">A request was not answered as expected within two minutes.</exception>
    public static async Task<ClientTraffic> StartAsync(Uri balancer, double requestsPerSecond, TimeProvider clock, CancellationToken cancellationToken)
    {
        await SampleTrafficProof.ProveAsync(balancer, clock, cancellationToken);
        return new ClientTraffic(balancer, requestsPerSecond, clock);
    }

    /// <summary>Sends no more and waits for the answers that are still to come.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _sending;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var generator in _generators)
        {
            await generator.DisposeAsync();
        }

        _stop.Dispose();
    }

    private void Keep(LoadClient client, LoadRequest request, LoadAnswer answer, DateTimeOffset began, TimeSpan took)
    {
        ClusterSide? side = answer.Side switch
        {
            "x" => ClusterSide.X,
            "y" => ClusterSide.Y,
            _ => null,
        };
        var isExpected = answer.Error is null && request.Expected.Contains(answer.Status);
        _answers.Enqueue(new ClientAnswer(client.Key, began, began + took, side, answer.Error is null ? answer.Status : null, isExpected));
        if (side == ClusterSide.Y)
        {
            Interlocked.Increment(ref _onY);
        }

        if (!isExpected)
        {
            Interlocked.Increment(ref _failed);
        }
    }
}

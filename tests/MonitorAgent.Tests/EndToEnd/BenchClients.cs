using System.Collections.Concurrent;
using KongUpgradeMesh.Lab.Load;

namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>The clients before the load balancer, and what they saw.</summary>
/// <param name="balancer">Where they connect.</param>
internal sealed class BenchClients(Uri balancer) : IAsyncDisposable
{
    private const double ShareWithKey = 0.4;
    private readonly ConcurrentQueue<ClientSaw> _seen = new();
    private readonly ConcurrentBag<(LoadGenerator Generator, CancellationTokenSource Stop, Task Running)> _all = [];
    private readonly ConcurrentBag<(LoadGenerator Generator, CancellationTokenSource Stop)> _extra = [];

    /// <summary>Answers to the traffic beside the steady one.</summary>
    public long AnsweredExtra => _extra.Sum(static e => e.Generator.Report().Total);

    /// <summary>Sends the usual mix until the end.</summary>
    public void Send(double ratePerSecond)
    {
        Begin(BenchConfiguration.KeyClients, BenchConfiguration.KeyRequests, ratePerSecond * ShareWithKey);
        Begin(BenchConfiguration.OpenClients, BenchConfiguration.OpenRequests, ratePerSecond * (1 - ShareWithKey));
    }

    /// <summary>Sends more of the usual mix until <see cref="EndExtra"/>.</summary>
    public void SendExtra(double ratePerSecond)
    {
        _extra.Add(Begin(BenchConfiguration.KeyClients, BenchConfiguration.KeyRequests, ratePerSecond * ShareWithKey));
        _extra.Add(Begin(BenchConfiguration.OpenClients, BenchConfiguration.OpenRequests, ratePerSecond * (1 - ShareWithKey)));
    }

    /// <summary>Sends what runs into the rate limit until <see cref="EndExtra"/>.</summary>
    public void SendLimited(double ratePerSecond) => _extra.Add(Begin(BenchConfiguration.OpenClients, BenchConfiguration.LimitedRequests, ratePerSecond));

    /// <summary>Leaves the steady traffic alone.</summary>
    public void EndExtra()
    {
        while (_extra.TryTake(out var extra))
        {
            extra.Stop.Cancel();
        }
    }

    /// <summary>Answers of a side that took at least so long.</summary>
    public int CountSlow(string side, TimeSpan atLeast) => _seen.Count(s => s.Side == side && s.Took >= atLeast);

    /// <summary>Answers of a side with a status.</summary>
    public int Count(string side, int status) => _seen.Count(s => s.Side == side && s.Status == status);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var (generator, stop, running) in _all)
        {
            await stop.CancelAsync();
            await running;
            await generator.DisposeAsync();
            stop.Dispose();
        }
    }

    private (LoadGenerator Generator, CancellationTokenSource Stop) Begin(IReadOnlyList<LoadClient> clients, IReadOnlyList<LoadRequest> requests, double ratePerSecond)
    {
        var stop = new CancellationTokenSource();
        var generator = new LoadGenerator(
            new LoadOptions
            {
                Target = balancer,
                Clients = clients,
                Requests = requests,
                RatePerSecond = ratePerSecond,
                Observer = (_, _, answer, _, took) => _seen.Enqueue(new ClientSaw(answer.Side, answer.Status, took)),
            },
            TimeProvider.System);
        _all.Add((generator, stop, generator.RunAsync(null, stop.Token)));
        return (generator, stop);
    }

    private readonly record struct ClientSaw(string? Side, int Status, TimeSpan Took);
}

using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Kong.Admin;

namespace KongUpgradeMesh.MonitorAgent.Probing;

/// <summary>Sends a probe to every node of both clusters at the same time, straight to their proxies.</summary>
public sealed class ProbeRunner : IDisposable
{
    private readonly HttpMessageInvoker _client;
    private readonly TimeProvider _clock;

    /// <summary>Makes a runner with connections of its own.</summary>
    /// <param name="clock">Measures intervals and limits.</param>
    public ProbeRunner(TimeProvider clock)
    {
        _clock = clock;
        var handler = NodeConnections.NewHandler();
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(2);
        _client = new HttpMessageInvoker(handler);
    }

    /// <summary>Sends the probe until cancelled.</summary>
    /// <param name="probe">The probe.</param>
    /// <param name="x">The nodes of X; empty when X may be gone.</param>
    /// <param name="y">The nodes of Y.</param>
    /// <param name="take">Hears of each round.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="Contracts.StepFailedException">A header refers to a secret that this host does not have.</exception>
    public async Task RunAsync(ProbeSpec probe, IReadOnlyList<NodeSpec> x, IReadOnlyList<NodeSpec> y, Action<ProbeRound> take, CancellationToken cancellationToken)
    {
        var headers = probe.Headers.ToDictionary(static h => h.Key, static h => SecretReference.Resolve(h.Value), StringComparer.OrdinalIgnoreCase);
        using var timer = new PeriodicTimer(probe.Interval, _clock);
        do
        {
            var (onX, onY) = (AskAllAsync(probe, headers, x, cancellationToken), AskAllAsync(probe, headers, y, cancellationToken));
            take(new ProbeRound(probe.Name, await onX, await onY));
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<string?> AskAllAsync(ProbeSpec probe, Dictionary<string, string> headers, IReadOnlyList<NodeSpec> nodes, CancellationToken cancellationToken)
    {
        var problems = await Task.WhenAll(nodes.Select(n => AskAsync(probe, headers, n, cancellationToken)));
        return problems.FirstOrDefault(static p => p is not null);
    }

    private async Task<string?> AskAsync(ProbeSpec probe, Dictionary<string, string> headers, NodeSpec node, CancellationToken cancellationToken)
    {
        using var bounded = new CancellationTokenSource(probe.Timeout, _clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bounded.Token, cancellationToken);
        using var request = new HttpRequestMessage(new HttpMethod(probe.Method), new Uri(node.Proxy.AbsoluteUri.TrimEnd('/') + probe.Path));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        try
        {
            using var response = await _client.SendAsync(request, linked.Token);
            return (int)response.StatusCode == probe.ExpectStatus ? null : $"{node.Name} answers {(int)response.StatusCode}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"{node.Name} did not answer within {probe.Timeout.TotalSeconds:0.#} s";
        }
        catch (HttpRequestException exception)
        {
            return $"{node.Name} {exception.HttpRequestError}";
        }
    }
}

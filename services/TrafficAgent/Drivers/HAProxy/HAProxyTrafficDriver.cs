using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Drivers.HAProxy;

/// <summary>Moves traffic between two backends of HAProxy, or between the servers of one, as the split of its mode says.</summary>
internal sealed class HAProxyTrafficDriver(HAProxyOptions options, IHAProxySplit split, HAProxyRuntimeClient haproxy, TimeProvider clock) : ITrafficDriver
{
    public DriverCapabilities Capabilities => split.Capabilities;

    public IReadOnlyList<string> Limits =>
    [
        "Connections that are open for long (WebSocket, gRPC streams) stay on their side until they end"
            + (options.ShutdownSessions ? ", or all traffic has left it: then they are cut." : "."),
        .. split.Limits,
    ];

    public async Task<IReadOnlyList<string>> CheckAsync(TrafficSpec wishes, CancellationToken cancellationToken)
    {
        var problems = new List<string>(await split.CheckAsync(cancellationToken));
        if (options.Weights is not null)
        {
            return problems; // One backend, whose servers have just been looked at.
        }

        var counters = await CountAsync(cancellationToken);
        foreach (var (name, requests, servers) in new[] { (options.BackendX, counters.RequestsX, counters.ServersX), (options.BackendY, counters.RequestsY, counters.ServersY) })
        {
            if (requests is null)
            {
                problems.Add($"HAProxy has no backend {name}.");
            }
            else if (servers.Count == 0)
            {
                problems.Add($"Backend {name} of HAProxy has no server.");
            }
        }

        return problems;
    }

    public Task<ObservedTraffic> ReadAsync(CancellationToken cancellationToken) => split.ReadAsync(cancellationToken);

    public async Task ApplyAsync(TrafficRecord record, bool overForeign, CancellationToken cancellationToken)
    {
        await split.ApplyAsync(record, overForeign, cancellationToken);
        if (record.Split.WeightX == 0)
        {
            await CutAsync(static c => c.ServersX, cancellationToken);
        }
    }

    public async Task RestoreAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        await split.RestoreAsync(record, cancellationToken);
        await CutAsync(static c => c.ServersY, cancellationToken);
    }

    public async Task<Verification> VerifyAsync(TrafficRecord record, CancellationToken cancellationToken)
    {
        var before = await RequestsAsync(cancellationToken);
        await Task.Delay(options.Observe, clock, cancellationToken);
        var after = await RequestsAsync(cancellationToken);
        var seen = await split.ReadAsync(cancellationToken);
        return seen.Is(record) ? after.Since(before, record, options.Observe) : throw TrafficFailures.NotInForce(record.Split, seen.ToString());
    }

    private async Task CutAsync(Func<HAProxyCounters, IReadOnlyList<string>> servers, CancellationToken cancellationToken)
    {
        if (!options.ShutdownSessions)
        {
            return;
        }

        foreach (var server in servers(await CountAsync(cancellationToken)))
        {
            await haproxy.TellAsync($"shutdown sessions server {server}", cancellationToken);
        }
    }

    private async Task<RequestCounts> RequestsAsync(CancellationToken cancellationToken) => await CountAsync(cancellationToken) is { RequestsX: { } x, RequestsY: { } y }
        ? new RequestCounts(x, y)
        : throw TrafficFailures.Refused($"HAProxy at {options.Socket}", "statistics without one of the sides");

    private async Task<HAProxyCounters> CountAsync(CancellationToken cancellationToken) =>
        HAProxyCounters.Read(await haproxy.AskAsync("show stat", cancellationToken), options);
}

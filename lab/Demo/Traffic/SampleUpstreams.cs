using KongUpgradeMesh.Lab.Load;
using KongUpgradeMesh.Lab.Servers;

namespace KongUpgradeMesh.Lab.Demo.Traffic;

/// <summary>What stands behind Kong: two servers that answer everything.</summary>
public sealed class SampleUpstreams : IAsyncDisposable
{
    private readonly EchoUpstream _first;
    private readonly EchoUpstream _second;

    private SampleUpstreams(EchoUpstream first, EchoUpstream second) => (_first, _second) = (first, second);

    /// <summary>Where they listen, as <c>host:port</c>.</summary>
    public (string First, string Second) Addresses => (_first.Address.Authority, _second.Address.Authority);

    /// <summary>Starts both.</summary>
    public static async Task<SampleUpstreams> StartAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        var ports = LoopbackPorts.Take(2);
        var first = await EchoUpstream.StartAsync(ports[0], clock, cancellationToken);
        return new SampleUpstreams(first, await EchoUpstream.StartAsync(ports[1], clock, cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }
}

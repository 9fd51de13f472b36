namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

public sealed class HAProxyThroughHandler : BalancerThroughHandler<HAProxyPair>
{
    [Fact]
    public async Task Is_errored_when_its_socket_is_gone()
    {
        await PassesAsync(Soon);
        Pair.HideSocket();
        await BlindAsync("No counters of the load balancer");
    }
}

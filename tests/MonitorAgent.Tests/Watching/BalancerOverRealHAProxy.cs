using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

public sealed class BalancerOverRealHAProxy : BalancerOverRealServer<HAProxyPair>
{
    [Fact]
    public async Task Without_its_socket_the_watch_is_blind()
    {
        var findings = await WatchAsync(second =>
        {
            if (second == Seconds / 2)
            {
                Pair.HideSocket();
            }

            return Task.CompletedTask;
        });
        Assert.Equal(Verdict.Errored, Assert.Single(findings).Verdict);
    }
}

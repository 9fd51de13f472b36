using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

public sealed class BalancerOverRealNginx : BalancerOverRealServer<NginxPair>
{
    [Fact]
    public async Task A_log_that_nginx_does_not_write_leaves_the_watch_blind()
    {
        var finding = Assert.Single(await WatchAsync(declared: Pair.OtherLog()));
        Assert.Equal(Verdict.Errored, finding.Verdict);
        Assert.Contains("not the counters of the balancer that clients use", finding.Message, StringComparison.Ordinal);
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Kong.Metrics;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Tests.Analysis;

public sealed class NodeFindings
{
    private const double MiB = 1024 * 1024;
    private static readonly UpstreamTarget Target = new("orders", "10.0.0.1:80");

    [Fact]
    public void One_sick_node_of_three_is_named()
    {
        var judgement = Run(60, (node, second) => node == "y2" ? Errors(second, 0.3) : Errors(second, 0));
        Assert.Equal(Verdict.Failed, judgement.Verdict);
        Assert.Contains("node y2", judgement.Findings.First(static f => f.Indicator == "error-rate").Message, StringComparison.Ordinal);
        Assert.Contains("y2", Of(judgement, "node-errors").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, Verdict.Inconclusive)]
    [InlineData(2, Verdict.Failed)]
    public void A_node_of_y_that_restarts_again_and_again_is_sick_and_one_restart_is_not(int restarts, Verdict expected)
    {
        var judgement = Run(60, (node, second) => Errors(node == "y1" && second > 20 ? (second - 20) % (41 / restarts) : second, 0));
        Assert.Equal(expected, Of(judgement, "restarts").Verdict);
        Assert.Contains("y1", Of(judgement, "restarts").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2.0, 0.0, Verdict.Failed)]
    [InlineData(2.0, 2.0, Verdict.Inconclusive)]
    [InlineData(0.05, 0.0, Verdict.Passed)]
    public void A_leak_that_would_exhaust_a_worker_is_found_unless_x_leaks_as_well(double perSecondY, double perSecondX, Verdict expected)
    {
        var judgement = Run(180, (node, second) => Errors(second, 0) with
        {
            Families = (MetricFamilies)1023,
            Workers = 1,

            // With the sawtooth of a garbage collector.
            WorkerMemoryBytes = MiB * (64 + (second * (node == "y3" ? perSecondY : node[0] == 'x' ? perSecondX : 0)) + (second % 7)),
        });
        Assert.Equal(expected, Of(judgement, "memory").Verdict);
        Assert.Equal(expected != Verdict.Passed, Of(judgement, "memory").Message.Contains("y3", StringComparison.Ordinal));
    }

    [Fact]
    public void Memory_that_is_warm_after_a_while_is_no_leak()
    {
        var judgement = Run(240, (_, second) => Errors(second, 0) with { Families = (MetricFamilies)1023, Workers = 1, WorkerMemoryBytes = MiB * (64 + (400 * (1 - Math.Exp(-second / 30.0)))) });
        Assert.Equal(Verdict.Passed, Of(judgement, "memory").Verdict);
    }

    [Theory]
    [InlineData(TargetHealth.Healthy, 90, Verdict.Passed)]
    [InlineData(TargetHealth.Unhealthy, 20, Verdict.Inconclusive)]
    [InlineData(TargetHealth.DnsError, 90, Verdict.Failed)]
    public void A_target_that_x_uses_and_no_node_of_y_does_is_named(TargetHealth onY, int seconds, Verdict expected)
    {
        var judgement = Run(seconds, (node, second) => Errors(second, 0) with
        {
            Targets = new Dictionary<UpstreamTarget, TargetHealth> { [Target] = node[0] == 'y' ? onY : TargetHealth.Healthy },
        });
        Assert.Equal(expected, Of(judgement, "targets").Verdict);
        Assert.Equal(expected != Verdict.Passed, Of(judgement, "targets").Message.Contains("10.0.0.1:80 of orders", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("targets")]
    public void What_the_nodes_do_not_say_is_said_and_no_failure(string indicator)
    {
        var judgement = Run(30, static (_, second) => Errors(second, 0) with { Families = (MetricFamilies)1023 & ~MetricFamilies.WorkerMemory });
        Assert.Equal(Verdict.Passed, Of(judgement, indicator).Verdict);
        Assert.Contains("not compared", Of(judgement, indicator).Message, StringComparison.Ordinal);
    }

    private static VerdictFinding Of(Judgement judgement, string indicator) => judgement.Findings.First(f => f.Indicator == indicator);

    private static NodeSample Errors(int seconds, double share) => new()
    {
        Families = (MetricFamilies)1023,
        Requests = new Dictionary<RouteCode, double> { [new RouteCode("s", "r", 200)] = Math.Round(seconds * 20 * (1 - share)), [new RouteCode("s", "r", 500)] = Math.Round(seconds * 20 * share) },
        RequestLatency = new LatencyTotal(seconds * 20 * 25, seconds * 20),
        UpstreamLatency = new LatencyTotal(seconds * 20 * 20, seconds * 20),
        NginxRequests = seconds * 22,
        DatastoreReachable = true,
    };

    private static Judgement Run(int seconds, Func<string, int, NodeSample> sample)
    {
        var command = Specs.Watch(50, from: [.. Nodes('x')], to: [.. Nodes('y')]);
        var watch = new TrafficWatch(command, null);
        Judgement judgement = null!;
        for (var second = 1; second <= seconds; second++)
        {
            foreach (var node in command.Spec.From.Nodes.Concat(command.Spec.To.Nodes))
            {
                var side = node.Name[0] == 'x' ? ClusterSide.X : ClusterSide.Y;
                var reading = new NodeReading
                {
                    Node = node.Name,
                    Ready = true,
                    DatabaseReachable = true,
                    OwnRequests = 2,
                    Version = side == ClusterSide.X ? "2.8.5" : "3.4.2",
                    Sample = sample(node.Name, second),
                };
                watch.Record(side, reading, TimeSpan.FromSeconds(second));
            }

            judgement = watch.Judge(TimeSpan.FromSeconds(second));
        }

        return judgement;
    }

    private static IEnumerable<Contracts.Specs.NodeSpec> Nodes(char side) => Enumerable.Range(1, 3).Select(n => Specs.Node($"{side}{n}", n));
}

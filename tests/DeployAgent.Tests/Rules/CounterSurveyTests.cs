using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.DeployAgent.Assessment;
using KongUpgradeMesh.DeployAgent.Entities;

namespace KongUpgradeMesh.DeployAgent.Tests.Rules;

public sealed class CounterSurveyTests
{
    [Fact]
    public void Lists_each_window_of_a_limit_kept_in_the_database()
    {
        var impacts = Take(Cluster.Plugin("rate-limiting", """{"policy":"cluster","minute":30,"hour":200,"day":null}"""));
        Assert.Equal([("minute", 30L), ("hour", 200L)], impacts.Select(static i => (i.Window, i.Limit!.Value)));
        Assert.Contains("5 requests more in the window in which it moves to cluster Y (30 if", impacts[0].WorstCase, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_what_carrying_and_stickiness_bring_for_each_window()
    {
        var plugin = Cluster.Plugin("rate-limiting", """{"policy":"cluster","second":5,"minute":30,"day":8640}""");
        Assert.Equal(
            [(5L, 5L, 5L, 1), (5, 30, 30, 1), (1, 8640, 8640, 1)],
            Take(plugin).Select(static i => (i.ExtraPerWindow!.Value, i.ExtraPerWindowUnsticky!.Value, i.ExtraPerWindowUncarried!.Value, i.TailWindows!.Value)));
        var uncarried = CounterSurvey.Take(plugin, Cluster.Spec(new RuntimeStateSpec { CarryCounters = false }));
        Assert.All(uncarried, static i => Assert.Equal(i.Limit, i.ExtraPerWindow));
        Assert.All(uncarried, static i => Assert.Contains("carryCounters", i.Advice, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new[] { 1, 10, 25, 50, 100 }, "gets 100 more at the step of 50 %")]
    [InlineData(new[] { 1, 5, 20, 100 }, "gets 40 more at the step of 20 %")]
    [InlineData(new[] { 10, 80, 100 }, "gets 40 more at the step of 80 %")]
    public void Names_the_step_that_costs_most(int[] steps, string expected) => Assert.Contains(
        expected, CounterSurvey.Take(Cluster.Plugin("rate-limiting", """{"policy":"cluster","minute":100}"""), Cluster.Spec(null, steps))[0].WorstCase, StringComparison.Ordinal);

    [Theory]
    [InlineData("sliding", 2)]
    [InlineData("fixed", 1)]
    public void A_sliding_window_is_felt_for_two(string type, int tail) =>
        Assert.Equal(tail, Assert.Single(Take(Cluster.Plugin("rate-limiting-advanced", $$"""{"strategy":"cluster","sync_rate":10,"limit":[60],"window_size":[60],"window_type":"{{type}}"}"""))).TailWindows);

    [Fact]
    public void Leaves_out_counters_that_each_node_keeps_to_itself() =>
        Assert.Empty(Take(Cluster.Plugin("rate-limiting-advanced", """{"strategy":"cluster","sync_rate":-1,"limit":[60],"window_size":[60]}""")));

    [Fact]
    public void Leaves_out_what_is_counted_elsewhere() => Assert.Empty(Take(Cluster.Plugin("rate-limiting", """{"policy":"redis","minute":30}""")));

    [Fact]
    public void Knows_the_limits_of_responses_and_of_the_advanced_plugin()
    {
        Assert.Single(Take(Cluster.Plugin("response-ratelimiting", """{"policy":"cluster","limits":{"videos":{"minute":100}}}""")));
        Assert.Equal(["60s", "3600s"], Take(Cluster.Plugin("rate-limiting-advanced", """{"strategy":"cluster","limit":[5,100],"window_size":[60,3600]}""")).Select(static i => i.Window));
    }

    [Theory]
    [InlineData("oauth2", "{}")]
    [InlineData("session", """{"storage":"kong"}""")]
    [InlineData("acme", """{"storage":"kong"}""")]
    public void Lists_state_that_has_no_limit(string plugin, string config) => Assert.Null(Assert.Single(Take(Cluster.Plugin(plugin, config))).Limit);

    private static IReadOnlyList<CounterImpact> Take(KongEntities entities) => CounterSurvey.Take(entities, Cluster.Spec());
}

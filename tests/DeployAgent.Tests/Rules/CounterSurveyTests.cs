using KongUpgradeMesh.DeployAgent.Assessment;

namespace KongUpgradeMesh.DeployAgent.Tests.Rules;

public sealed class CounterSurveyTests
{
    [Fact]
    public void Lists_each_window_of_a_limit_kept_in_the_database()
    {
        var impacts = CounterSurvey.Take(Cluster.Plugin("rate-limiting", """{"policy":"cluster","minute":30,"hour":200,"day":null}"""));
        Assert.Equal([("minute", 30L), ("hour", 200L)], impacts.Select(static i => (i.Window, i.Limit!.Value)));
        Assert.Contains("30 requests more", impacts[0].WorstCase, StringComparison.Ordinal);
    }

    [Fact]
    public void Leaves_out_what_is_counted_elsewhere() => Assert.Empty(CounterSurvey.Take(Cluster.Plugin("rate-limiting", """{"policy":"redis","minute":30}""")));

    [Fact]
    public void Knows_the_limits_of_responses_and_of_the_advanced_plugin()
    {
        Assert.Single(CounterSurvey.Take(Cluster.Plugin("response-ratelimiting", """{"policy":"cluster","limits":{"videos":{"minute":100}}}""")));
        Assert.Equal(["60s", "3600s"], CounterSurvey.Take(Cluster.Plugin("rate-limiting-advanced", """{"strategy":"cluster","limit":[5,100],"window_size":[60,3600]}""")).Select(static i => i.Window));
    }

    [Theory]
    [InlineData("oauth2", "{}")]
    [InlineData("session", """{"storage":"kong"}""")]
    [InlineData("acme", """{"storage":"kong"}""")]
    public void Lists_state_that_has_no_limit(string plugin, string config) => Assert.Null(Assert.Single(CounterSurvey.Take(Cluster.Plugin(plugin, config))).Limit);
}

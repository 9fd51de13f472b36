using System.Text.Json;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Specs.Reading;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.Contracts.Tests.Specs;

public sealed class RampSpecTests
{
    [Theory]
    [InlineData("\"0s\"", 0)]
    [InlineData("\"1s\"", 1)]
    [InlineData("\"90s\"", 90)]
    [InlineData("\"1d\"", 86_400)]
    [InlineData("\"00:02:00\"", 120)]
    public void Takes_none_or_a_second_to_a_day(string ramp, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Read(ramp).Spec!.Traffic.Ramp);

    [Fact]
    public void Ramps_nothing_where_the_spec_does_not_ask_for_it() =>
        Assert.Equal(TimeSpan.Zero, SpecReader.Read(JsonElement.Parse(SpecText.For("ramp"))).Spec!.Traffic.Ramp);

    [Theory]
    [InlineData("\"1ms\"", "must be 0s or at least 1s")]
    [InlineData("\"999ms\"", "must be 0s or at least 1s")]
    [InlineData("\"86401s\"", "must be a duration from 0s to 1d")]
    [InlineData("\"-00:00:05\"", "must be a duration")]
    [InlineData("\"fast\"", "must be a duration")]
    [InlineData("60", "must be a duration")]
    [InlineData("true", "must be a duration")]
    public void Refuses_what_is_no_ramp(string ramp, string why) => Assert.StartsWith($"traffic.ramp: {why}", Assert.Single(Problems(ramp)), StringComparison.Ordinal);

    [Theory]
    [InlineData("[1, 100]", true)]
    [InlineData("[100]", true)]
    [InlineData("[98, 99, 100]", true)]
    [InlineData("[2, 3, 4]", true)] // Its own fault is told, and only that.
    [InlineData("all", false)]
    public void Refuses_a_ramp_without_a_step_to_spread(string steps, bool spreads)
    {
        var problems = Problems("\"10s\"", steps == "all" ? $"[{string.Join(", ", Enumerable.Range(1, 100))}]" : steps);
        Assert.Equal(spreads ? 0 : 1, problems.Count(static p => p.StartsWith("traffic.ramp: has no step to spread", StringComparison.Ordinal)));
    }

    [Fact]
    public void Tells_a_short_ramp_beside_wrong_steps() =>
        Assert.Equal(["traffic.ramp: must be 0s or at least 1s, since increments are a second or more apart", "traffic.steps: must end with 100"], Problems("\"10ms\"", "[5, 50]"));

    [Fact]
    public void Spreads_only_steps_of_more_than_one_percent()
    {
        var traffic = new TrafficSpec { Driver = "haproxy", Settings = new Dictionary<string, string>(), Steps = [1, 2, 10, 100], Ramp = TimeSpan.FromSeconds(10) };
        Assert.Equal([(0, false), (1, false), (2, true), (10, true)], Enumerable.Range(0, 4).Select(i => (traffic.ShareBefore(i), traffic.IsRamped(i))));
        Assert.DoesNotContain(Enumerable.Range(0, 4), (traffic with { Ramp = TimeSpan.Zero }).IsRamped);
    }

    private static SpecReading Read(string ramp, string steps = "[10, 100]") =>
        SpecReader.Read(JsonElement.Parse(SpecText.For("ramp", steps: steps).Replace("\"settings\"", $"\"ramp\": {ramp}, \"settings\"", StringComparison.Ordinal)));

    private static List<string> Problems(string ramp, string steps = "[10, 100]") =>
        [.. Read(ramp, steps).Problems.Select(static p => $"{p.Path}: {p.Message}").Order(StringComparer.Ordinal)];
}

using System.Text.Json;
using KongUpgradeMesh.Contracts.Monitoring;

namespace KongUpgradeMesh.Contracts.Tests.Monitoring;

public sealed class FindingRefTests
{
    [Theory]
    [InlineData("error-rate", "error-rate", null)]
    [InlineData("error-rate:orders", "error-rate", "orders")]
    [InlineData(" error-rate : orders:v2 ", "error-rate", "orders:v2")]
    [InlineData("error-rate:", "error-rate", null)]
    public void Reads_what_people_write(string text, string indicator, string? route)
    {
        var read = FindingRef.Parse(text)!;
        Assert.Equal(new FindingRef(indicator, route), read);
        Assert.Equal(read, FindingRef.Parse(read.ToString()));
        Assert.Equal(read, JsonSerializer.Deserialize<FindingRef>(JsonSerializer.Serialize(read)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":orders")]
    public void An_indicator_is_needed(string text) => Assert.Null(FindingRef.Parse(text));

    [Theory]
    [InlineData("error-rate", null, true)]
    [InlineData("error-rate", "orders", true)]
    [InlineData("error-rate:orders", "orders", true)]
    [InlineData("error-rate:orders", null, true)]
    [InlineData("error-rate:orders", "basket", false)]
    [InlineData("latency", "orders", false)]
    public void Covers_the_findings_it_names(string text, string? route, bool covers) => Assert.Equal(
        covers, FindingRef.Parse(text)!.Covers(new VerdictFinding { Indicator = "error-rate", Route = route, Verdict = Verdict.Failed, Message = "" }));
}

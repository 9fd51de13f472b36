using System.Text.RegularExpressions;
using KongUpgradeMesh.DeployAgent.Staging;

namespace KongUpgradeMesh.DeployAgent.Tests.Staging;

public sealed class RegexExampleTests
{
    [Theory]
    [InlineData(@"/v2/orders/\d+$")]
    [InlineData("/v2/orders/(?<slug>[a-z0-9-]+)/details")]
    [InlineData("/v2/orders/(?P<slug>[a-z]+)")]
    [InlineData("/a/(b|c)/[^/]+/x")]
    [InlineData(@"/status/\d{3}")]
    [InlineData("/v1/a+b")]
    [InlineData(@"/x(?:/y)?/z\.json")]
    [InlineData(@"/re%20gex/\w+")]
    [InlineData("/u/[0-9a-f]{8}-[0-9a-f]{4}")]
    public void Makes_a_text_that_matches(string pattern)
    {
        Assert.True(RegexExample.TryMake(pattern, out var example));
        Assert.Matches(new Regex("^" + pattern.Replace("(?P<", "(?<", StringComparison.Ordinal)), example);
    }

    [Theory]
    [InlineData("/a(?=b)c")]
    [InlineData(@"/(a)\1")]
    [InlineData("/(unclosed")]
    [InlineData(@"/\p{L}+")]
    public void Gives_up_rather_than_guess(string pattern) => Assert.False(RegexExample.TryMake(pattern, out _));
}

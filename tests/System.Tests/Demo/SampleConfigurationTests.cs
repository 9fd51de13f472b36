using KongUpgradeMesh.Lab.Demo.Configuration;
using KongUpgradeMesh.Lab.Demo.Traffic;

namespace KongUpgradeMesh.System.Tests.Demo;

public sealed class SampleConfigurationTests
{
    [Theory]
    [InlineData("2.8.5", "/orders/\\d+/lines")]
    [InlineData("3.9.1", "~/orders/\\d+/lines")]
    public void Writes_expressions_as_the_version_wants_them(string version, string path)
    {
        var route = SampleConfiguration.For(Version.Parse(version), ("127.0.0.1:1", "127.0.0.1:2")).Single(static w => w.Body["name"]?.GetValue<string>() == "orders-lines");

        Assert.Equal(path, route.Body["paths"]![0]!.GetValue<string>());
    }

    [Fact]
    public void Switches_the_counts_on_where_they_are_off_by_default()
    {
        Assert.DoesNotContain("status_code_metrics", Prometheus("2.8.5"));
        Assert.Contains("\"status_code_metrics\":true", Prometheus("3.4.2"));

        static string Prometheus(string version) =>
            SampleConfiguration.For(Version.Parse(version), ("127.0.0.1:1", "127.0.0.1:2")).Single(static w => w.Path == "plugins").Body.ToJsonString();
    }

    [Fact]
    public void Gives_the_clients_all_of_the_requests() => Assert.Equal(1, SampleTraffic.Kinds.Sum(static k => k.Share), 9);

    [Fact]
    public void Names_no_client_twice() => Assert.Equal(SampleTraffic.Clients, SampleTraffic.Kinds.SelectMany(static k => k.Clients).Select(static c => c.Key).Distinct().Count());
}

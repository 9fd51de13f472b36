using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Drivers.Nginx.Reload;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class NginxFactsTests
{
    private static readonly TrafficRecord Record = new() { UpgradeId = Guid.NewGuid(), Epoch = 1, Step = 2, Split = new TrafficSplit { WeightY = 25 } };

    [Theory]
    [InlineData("nginx version: nginx/1.22.1\n", false)]
    [InlineData("nginx version: nginx/1.27.3", false)]
    [InlineData("nginx version: nginx/1.27.4 (Ubuntu)", true)]
    [InlineData("nginx version: nginx/1.30.6", true)]
    [InlineData("nginx version: openresty/1.27.1.2", false)]
    [InlineData("Tengine version: Tengine/3.1.0", false)]
    public void Knows_which_versions_wait_for_requests_on_their_way(string printed, bool waits) =>
        Assert.Equal(waits, NginxVersion.KnowsGrace(NginxVersion.Parse(printed)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tells_its_own_file_from_an_edited_one_with_and_without_the_grace_directive(bool withGrace)
    {
        var options = Options();
        var content = NginxSplitFile.Render(Record, options, withGrace);

        Assert.Equal(withGrace, content.Contains("\nkeepalive_min_timeout 1s;\n", StringComparison.Ordinal));
        Assert.Equal(Record, NginxSplitFile.RecordIn(content));
        Assert.True(NginxSplitFile.Is(content, Record, options));
        Assert.False(NginxSplitFile.Is(content.Replace("25%", "26%", StringComparison.Ordinal), Record, options));
        Assert.False(NginxSplitFile.Is(content + "\n", Record, options));
    }

    [Theory]
    [InlineData("http { keepalive_min_timeout 2s; }", true)]
    [InlineData("http { # keepalive_min_timeout 2s;\n }", false)]
    [InlineData("http { }\n# configuration file /etc/nginx/kum/split.conf:\nkeepalive_min_timeout 1s;\n", false)]
    public void Sees_whether_the_operator_sets_the_grace_directive(string configuration, bool isSet) =>
        Assert.Equal(isSet, new NginxDump("# configuration file /etc/nginx/nginx.conf:\n" + configuration, "/etc/nginx/kum/split.conf").Sets(NginxDump.Grace));

    [Fact]
    public void What_was_cut_off_proves_nothing() =>
        Assert.Empty(new NginxDump("the end of something large }", "/etc/nginx/kum/split.conf").Problems(Options()));

    [Fact]
    public void A_reload_costs_nothing_where_workers_wait() =>
        Assert.Contains("costs no request", new NginxReloadCost(new Version(1, 27, 4), HasGrace: true, CutsConnections: true, Steps: 5).Sentences().First(), StringComparison.Ordinal);

    private static NginxReloadOptions Options() => NginxReloadOptions.Bind(new DriverSettings(new Dictionary<string, string>
    {
        ["file"] = "/etc/nginx/kum/split.conf",
        ["controlUrl"] = "http://127.0.0.1:8099/kum",
        ["upstreamX"] = "kong-x",
        ["upstreamY"] = "kong-y",
    }));
}

using System.Text.Json;
using KongUpgradeMesh.Lab.Demo.Clusters;
using KongUpgradeMesh.Lab.Demo.Specs;

namespace KongUpgradeMesh.System.Tests.Demo;

public sealed class LabSpecTests
{
    [Fact]
    public void Gives_both_clusters_databases_prefixes_and_ports_of_their_own()
    {
        var spec = LabSpec.For(Layout());

        Assert.Equal(("kong_shop_eu1_x", "kong_shop_eu1_y"), (spec.From.Database.Name, spec.To.Database.Name));
        Assert.NotEqual(spec.From.Nodes[0].Prefix, spec.To.Nodes[0].Prefix);
        Assert.Equal("127.0.0.1:11", spec.From.Nodes[0].Environment["KONG_PROXY_LISTEN"]);
        Assert.Equal("127.0.0.1:22", spec.To.Nodes[0].Environment["KONG_ADMIN_LISTEN"]);
        Assert.Equal(100, spec.Traffic.Steps[^1]);
    }

    [Fact]
    public void Closes_the_manager_of_versions_that_open_one_unasked()
    {
        var spec = LabSpec.For(Layout());

        Assert.False(spec.From.Deployment.Environment.ContainsKey("KONG_ADMIN_GUI_LISTEN"));
        Assert.Equal("off", spec.To.Deployment.Environment["KONG_ADMIN_GUI_LISTEN"]);
    }

    [Fact]
    public void Reads_the_same_from_its_file_as_it_is_sent()
    {
        var spec = LabSpec.For(Layout());

        var read = KongUpgradeMesh.Kong.Specs.SpecFile.Parse(SpecFile.ToYaml(spec), "upgrade.yaml");

        Assert.True(JsonElement.DeepEquals(SpecFile.ToJson(spec), read), $"{SpecFile.ToJson(spec)}\n{read}");
    }

    [Fact]
    public void Leaves_out_what_is_only_a_default()
    {
        var json = SpecFile.ToJson(LabSpec.For(Layout()));

        Assert.False(json.TryGetProperty("freeze", out _));
        Assert.False(json.TryGetProperty("gates", out _));
        Assert.Equal("5s", json.GetProperty("soak").GetString());
    }

    private static LabLayout Layout() => new()
    {
        Cluster = "shop.eu1",
        Datacenter = "eu1",
        Directory = "/tmp/lab",
        KongX = new KongExecutable("/opt/kong-x/bin/kong", new Version(2, 8, 5), false),
        KongY = new KongExecutable("/opt/kong-y/bin/kong", new Version(3, 4, 2), false),
        PostgresPort = 5433,
        PostgresUser = "kong",
        PortsX = new NodePorts(11, 12, 13),
        PortsY = new NodePorts(21, 22, 23),
        TrafficSettings = new Dictionary<string, string> { ["socket"] = "/tmp/lab/haproxy.sock" },
    };
}

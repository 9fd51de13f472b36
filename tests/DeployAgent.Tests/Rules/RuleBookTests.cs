using KongUpgradeMesh.Contracts.Deployment;
using KongUpgradeMesh.DeployAgent.Assessment;
using KongUpgradeMesh.DeployAgent.Assessment.Rules;
using KongUpgradeMesh.DeployAgent.Entities;
using KongUpgradeMesh.Kong.Versions;

namespace KongUpgradeMesh.DeployAgent.Tests.Rules;

public sealed class RuleBookTests
{
    [Fact]
    public void Gives_each_rule_a_name_of_its_own() => Assert.Equal(RuleBook.All.Count, RuleBook.All.Select(static r => r.Id).Distinct().Count());

    [Fact]
    public void Crosses_at_least_forty_rules_from_2_8_to_3_4() =>
        Assert.InRange(RuleBook.All.Count(static r => r.IsCrossed(new KongVersion(2, 8, 5), new KongVersion(3, 4, 2))), 40, 200);

    [Fact]
    public void Finds_nothing_that_blocks_in_an_empty_cluster() => Assert.Empty(UpgradeAssessment.Of(Cluster.With()).Blockers);

    [Fact]
    public void Evaluates_only_what_lies_between_the_versions()
    {
        var http = Cluster.Plugin("http-log", """{"queue_size":5}""");
        Assert.Contains("plg-queues", Cluster.With(http).Hits());
        Assert.DoesNotContain("plg-queues", Cluster.With(http, from: "3.4.2", to: "3.10.0.7").Hits());
    }

    [Theory]
    [InlineData("ip-restriction", """{"whitelist":["10.0.0.0/8"]}""", "plg-blacklist")]
    [InlineData("aws-lambda", """{"function_name":"f"}""", "plg-aws-lambda-region")]
    [InlineData("aws-lambda", """{"aws_region":"eu","proxy_scheme":"http"}""", "plg-aws-lambda-proxy-scheme")]
    [InlineData("pre-function", """{"access":["return ngx.ctx.authenticated_jwt_token"]}""", "plg-jwt-ctx")]
    [InlineData("pre-function", """{"functions":["return 1"]}""", "plg-functions")]
    [InlineData("http-log", """{"headers":{"a":["b"]}}""", "plg-http-log-headers")]
    [InlineData("http-log", """{"queue":{"max_batch_size":1.5}}""", "plg-queues-types")]
    [InlineData("statsd", """{"queue":{"max_retry_delay":0.001}}""", "plg-queues-types")]
    [InlineData("session", """{"storage":"kong"}""", "plg-session-lib4")]
    [InlineData("prometheus", "{}", "met-flags-off")]
    [InlineData("acme", """{"storage":"vault"}""", "plg-acme-auth-method")]
    public void Recognises_a_plugin_that_is_hit(string plugin, string config, string rule) => Assert.Contains(rule, Cluster.With(Cluster.Plugin(plugin, config)).Hits());

    [Theory]
    [InlineData("ip-restriction", """{"allow":["10.0.0.0/8"]}""", "plg-blacklist")]
    [InlineData("aws-lambda", """{"aws_region":"eu-west-1","proxy_scheme":null}""", "plg-aws-lambda-proxy-scheme")]
    [InlineData("http-log", """{"queue":{"max_batch_size":200}}""", "plg-queues-types")]
    [InlineData("pre-function", """{"functions":[],"access":["x"]}""", "plg-functions")]
    public void Leaves_a_plugin_alone_that_is_not(string plugin, string config, string rule) => Assert.DoesNotContain(rule, Cluster.With(Cluster.Plugin(plugin, config)).Hits());

    [Theory]
    [InlineData("/v2/(?=x)/a", "ent-route-lookaround")]
    [InlineData(@"/v2/(a)\1", "ent-route-lookaround")]
    [InlineData("/v2/(?>ab)", "ent-route-possessive")]
    [InlineData("/v2/\\d+$", "ent-route-regex-tilde")]
    [InlineData("/caf%C3%A9", "ent-route-percent")]
    [InlineData(@"/re%20gex/\w+", "ent-route-percent-regex")]
    public void Recognises_a_route_that_is_hit(string path, string rule) => Assert.Contains(rule, Cluster.With(Cluster.Route(path)).Hits());

    [Fact]
    public void Takes_a_plain_path_for_plain() => Assert.DoesNotContain(Cluster.With(Cluster.Route("/a.b/c-d_e~f")).Hits(), static r => r.StartsWith("ent-route", StringComparison.Ordinal));

    [Fact]
    public void Blocks_path_handling_v1_only_where_it_changes_the_path()
    {
        var service = new ServiceEntity { Id = Guid.NewGuid(), Path = "/orders" };
        var route = new RouteEntity { Id = Guid.NewGuid(), ServiceId = service.Id, Paths = ["/a"], PathHandling = "v1", StripPath = true };
        var entities = new KongEntities { Services = [service], Routes = [route] };
        Assert.Contains("ent-route-path-handling-v1", Cluster.With(entities).Hits());
        Assert.DoesNotContain("ent-route-path-handling-v1", Cluster.With(entities, confY: "router_flavor = traditional").Hits());
        Assert.DoesNotContain("ent-route-path-handling-v1", Cluster.With(entities with { Services = [service with { Path = null }] }).Hits());
    }

    [Theory]
    [InlineData("client_max_body_size = 8m", "conf-client-max-body")]
    [InlineData("go_plugins_dir = /go", "conf-go-plugins")]
    [InlineData("nginx_upstream_keepalive = 60", "conf-keepalive-legacy")]
    [InlineData("cassandra_port = 9042", "db-cassandra-keys")]
    [InlineData("nginx_optimizations = off", "conf-nginx-optimizations")]
    public void Recognises_a_setting_that_is_lost(string conf, string rule) => Assert.Contains(rule, Cluster.With(confX: conf).Hits());

    [Fact]
    public void Accepts_a_lost_setting_that_cluster_Y_replaces() =>
        Assert.DoesNotContain("conf-client-max-body", Cluster.With(confX: "client_max_body_size = 8m", confY: "nginx_http_client_max_body_size = 8m").Hits());

    [Fact]
    public void Blocks_a_custom_plugin_that_cluster_Y_does_not_enable()
    {
        var mine = Cluster.Plugin("my-plugin", "{}");
        Assert.Contains("conf-plugins-differ", Cluster.With(mine, "plugins = bundled,my-plugin").Hits());
        Assert.DoesNotContain("conf-plugins-differ", Cluster.With(mine, "plugins = bundled,my-plugin", "plugins = bundled, my-plugin").Hits());
    }

    [Fact]
    public void Puts_the_severest_finding_first()
    {
        var findings = UpgradeAssessment.Of(Cluster.With(Cluster.Plugin("ip-restriction", """{"blacklist":["1.2.3.4"]}"""))).Findings;
        Assert.Equal(FindingSeverity.Blocker, findings[0].Severity);
        Assert.Equal(findings.OrderByDescending(static f => f.Severity).Select(static f => f.Severity), findings.Select(static f => f.Severity));
    }

    [Fact]
    public void Insists_on_certificates_from_3_14_on() =>
        Assert.Contains("tls314-http-log", Cluster.With(Cluster.Plugin("http-log", """{"ssl_verify":false}"""), from: "3.10.0.7", to: "3.14.0.0").Hits());
}

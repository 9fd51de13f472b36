using System.Text.Json.Nodes;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Splits;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers.Kubernetes;

/// <summary>Each preset on the object that the documentation shows, with the rights that it grants.</summary>
public sealed class KubernetesPresetTests
{
    private static readonly Guid Upgrade = Guid.NewGuid();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, int, string, string> Presets => new()
    {
        // Preset, where Y's part stands, share, what stands there then, what somebody makes of it.
        { "httproute", "/spec/rules/0/backendRefs/1/weight", 25, "25", "30" },
        { "grpcroute", "/spec/rules/0/backendRefs/1/weight", 25, "25", "30" },
        { "ingress-nginx", "/metadata/annotations/nginx.ingress.kubernetes.io~1canary-weight", 25, "\"25\"", "\"30\"" },
        { "istio", "/spec/http/0/route/1/weight", 25, "25", "30" },
        { "traefik", "/spec/weighted/services/1/weight", 25, "25", "30" },
        { "contour", "/spec/routes/0/services/1/weight", 25, "25", "30" },
        { "service", "/spec/selector/cluster", 100, "\"kong-y\"", "\"kong-x\"" },
    };

    [Theory]
    [MemberData(nameof(Presets))]
    public async Task Writes_reads_and_restores_the_documented_object(string preset, string pointer, int weightY, string written, string edited)
    {
        await using var bench = await KubernetesBench.StartAsync(preset);
        await using var gateway = TestGateway.Start(bench);
        var driver = bench.Driver(("label", "cluster"));
        var (shift, restore) = (Record(1, 1, weightY), Record(2, 0, 0));
        await Eventually(async () => (await driver.CheckAsync(Wishes(bench), Token)).Count == 0);
        Assert.Equal(0, (await driver.ReadAsync(Token)).Split.WeightY);
        Assert.Empty(driver.Capabilities.ProblemsWith(new TrafficSpec { Driver = "kubernetes", Settings = bench.Settings, Steps = [weightY, 100] }));

        await driver.ApplyAsync(shift, false, Token);
        Assert.True((await driver.ReadAsync(Token)).Is(shift));
        Assert.Equal(written, At(await bench.GetAsync(), pointer)!.ToJsonString());

        await bench.EditAsync(("replace", pointer, JsonNode.Parse(edited)));
        Assert.True((await driver.ReadAsync(Token)).Tampered);

        await driver.RestoreAsync(restore, Token);
        Assert.True((await driver.ReadAsync(Token)).Is(restore));
        await driver.VerifyAsync(restore, Token);
    }

    [Fact]
    public async Task A_service_can_only_be_moved_as_a_whole()
    {
        await using var bench = await KubernetesBench.StartAsync("service");
        var driver = bench.Driver(("label", "cluster"));

        Assert.NotEmpty(driver.Capabilities.ProblemsWith(Wishes(bench)));
        Assert.NotEmpty(driver.Capabilities.ProblemsWith(Wishes(bench) with { Steps = [100], Sticky = true }));
    }

    [Fact]
    public async Task Every_rule_that_leads_to_both_clusters_is_driven_and_no_other()
    {
        await using var bench = await KubernetesBench.StartAsync("istio", static m => AddRules(m));
        var driver = bench.Driver();

        await driver.ApplyAsync(Record(1, 1, 10), false, Token);

        Assert.Equal(["90/10", "100", "90/10"], await WeightsAsync(bench));
        Assert.True((await driver.ReadAsync(Token)).Is(Record(1, 1, 10)));
    }

    [Fact]
    public async Task Only_the_named_rules_are_driven()
    {
        await using var bench = await KubernetesBench.StartAsync("istio", static m => AddRules(m));

        await bench.Driver(("rules", "2")).ApplyAsync(Record(1, 1, 10), false, Token);

        Assert.Equal(["100/0", "100", "90/10"], await WeightsAsync(bench));
        Assert.Contains("rule 1 does not lead to", Assert.Single(await bench.Driver(("rules", "1,2")).CheckAsync(Wishes(bench), Token)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_put_in_front_does_not_lead_the_write_astray()
    {
        await using var bench = await KubernetesBench.StartAsync("istio");
        var driver = bench.Driver();
        await driver.ApplyAsync(Record(1, 1, 10), false, Token);
        await bench.EditAsync(("add", "/spec/http/0", JsonNode.Parse("""{"route":[{"destination":{"host":"health"},"weight":100}]}""")));

        await driver.ApplyAsync(Record(1, 2, 25), false, Token);

        Assert.Equal(["100", "75/25"], await WeightsAsync(bench));
    }

    [Fact]
    public async Task A_rule_that_was_taken_from_X_is_never_called_restored()
    {
        await using var bench = await KubernetesBench.StartAsync("istio", static m => AddRules(m));
        var driver = bench.Driver();
        await driver.ApplyAsync(Record(1, 1, 10), false, Token);
        await bench.EditAsync(("remove", "/spec/http/2/route/0", null));

        var seen = await driver.ReadAsync(Token);
        Assert.True(seen.Tampered);
        Assert.Equal(100, seen.Split.WeightY);
        Assert.Equal(FailureCodes.SplitNotInForce, (await Assert.ThrowsAsync<StepFailedException>(() => driver.RestoreAsync(Record(2, 0, 0), Token))).Failure.Code);
        Assert.Equal(["100/0", "100", "10"], await WeightsAsync(bench));

        await bench.EditAsync(("add", "/spec/http/2/route/0", JsonNode.Parse("""{"destination":{"host":"kong-x"},"weight":90}""")));
        await driver.RestoreAsync(Record(2, 0, 0), Token);
        Assert.Equal(["100/0", "100", "100/0"], await WeightsAsync(bench));
    }

    [Fact]
    public async Task The_next_upgrade_with_the_roles_changed_finds_all_on_its_X()
    {
        await using var bench = await KubernetesBench.StartAsync("istio", static m => AddRules(m));
        await bench.Driver().ApplyAsync(Record(1, 5, 100), false, Token);
        await bench.EditAsync(("replace", "/spec/http/1/route/0/destination/host", "kong-y"));
        var next = bench.Driver(("backendX", "kong-y"), ("backendY", "kong-x"));
        var first = Record(1, 1, 10) with { UpgradeId = Guid.NewGuid() };

        Assert.Equal(0, (await next.ReadAsync(Token)).Split.WeightY);
        await next.ApplyAsync(first, false, Token);

        Assert.True((await next.ReadAsync(Token)).Is(first));
        Assert.Equal(["10/90", "100", "10/90"], await WeightsAsync(bench));
    }

    [Fact]
    public async Task A_rule_for_testers_that_leads_to_Y_alone_is_left_as_it_is()
    {
        await using var bench = await KubernetesBench.StartAsync("istio", static m => AddRules(m, "kong-y"));
        var driver = bench.Driver();

        await driver.ApplyAsync(Record(1, 1, 10), false, Token);
        await driver.RestoreAsync(Record(2, 0, 0), Token);

        Assert.True((await driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
        Assert.Equal(["100/0", "100", "100/0"], await WeightsAsync(bench));
    }

    [Theory]
    [InlineData(3, 1, 25)]
    [InlineData(1, 0, 0)]
    [InlineData(2, 1, 34)]
    [InlineData(0, 7, 100)]
    public async Task Weights_of_any_scale_are_read_as_a_share_rounded_up(int x, int y, int share)
    {
        await using var bench = await KubernetesBench.StartAsync("traefik", m =>
            (At(m, "/spec/weighted/services/0")!["weight"], At(m, "/spec/weighted/services/1")!["weight"]) = (x, y));

        Assert.Equal(share, (await bench.Driver().ReadAsync(Token)).Split.WeightY);
    }

    [Theory]
    [InlineData("traefik", "/spec/weighted/services", 50)]
    [InlineData("contour", "/spec/routes/0/services", 50)]
    [InlineData("httproute", "/spec/rules/0/backendRefs", 50)]
    public async Task Backends_without_weights_count_as_the_controller_counts_them(string preset, string list, int share)
    {
        await using var bench = await KubernetesBench.StartAsync(preset, m =>
        {
            foreach (var backend in At(m, list)!.AsArray())
            {
                backend!.AsObject().Remove("weight");
            }
        });

        Assert.Equal(share, (await bench.Driver().ReadAsync(Token)).Split.WeightY);
    }

    [Fact]
    public async Task A_canary_annotation_that_is_no_number_is_not_taken_for_a_share()
    {
        await using var bench = await KubernetesBench.StartAsync("ingress-nginx", static m => m["metadata"]!["annotations"]!["nginx.ingress.kubernetes.io/canary-weight"] = "abc");
        var driver = bench.Driver();

        Assert.Equal(FailureCodes.BalancerRefused, (await Assert.ThrowsAsync<StepFailedException>(() => driver.ReadAsync(Token))).Failure.Code);
        await driver.RestoreAsync(Record(1, 0, 0), Token);
        Assert.True((await driver.ReadAsync(Token)).Is(Record(1, 0, 0)));
    }

    [Theory]
    [InlineData("canary-by-header", "X-Canary")]
    [InlineData("canary-by-cookie", "canary")]
    [InlineData("canary-weight-total", "1000")]
    public async Task Annotations_that_pass_the_weight_by_are_found_at_plan_time(string annotation, string value)
    {
        await using var bench = await KubernetesBench.StartAsync("ingress-nginx", m => m["metadata"]!["annotations"]![$"nginx.ingress.kubernetes.io/{annotation}"] = value);

        Assert.Contains(annotation, Assert.Single(await bench.Driver().CheckAsync(Wishes(bench), Token)), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public async Task An_object_without_the_two_backends_is_refused(string preset, string pointer, int weightY, string written, string edited)
    {
        _ = (pointer, written, edited);
        await using var bench = await KubernetesBench.StartAsync(preset);
        var driver = bench.Driver(("label", "cluster"), ("backendX", "other-x"), ("backendY", "other-y"));

        Assert.Contains(await driver.CheckAsync(Wishes(bench), Token), static p => p.Contains("does not divide traffic as the settings say", StringComparison.Ordinal));
        Assert.Equal(FailureCodes.BalancerRefused, (await Assert.ThrowsAsync<StepFailedException>(() => driver.ApplyAsync(Record(1, 1, weightY), false, Token))).Failure.Code);
    }

    private static TrafficRecord Record(int epoch, int step, int weightY) =>
        new() { UpgradeId = Upgrade, Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weightY } };

    private static TrafficSpec Wishes(KubernetesBench bench) => new() { Driver = "kubernetes", Settings = bench.Settings };

    private static Task Eventually(Func<Task<bool>> condition) => TestKit.Eventually.HoldsAsync("a plan without problems", condition, cancellationToken: Token);

    private static JsonNode? At(JsonNode root, string pointer) => pointer.Split('/').Skip(1).Select(static w => w.Replace("~1", "/", StringComparison.Ordinal))
        .Aggregate((JsonNode?)root, static (node, word) => node is JsonArray items ? items[int.Parse(word)] : node![word]);

    private static void AddRules(JsonObject manifest, string alone = "kong-x")
    {
        var rules = At(manifest, "/spec/http")!.AsArray();
        rules.Add(JsonNode.Parse("""{"route":[{"destination":{"host":"kong-x"},"weight":100}]}""")!);
        At(manifest, "/spec/http/1/route/0/destination")!["host"] = alone;
        rules.Add(rules[0]!.DeepClone());
    }

    private static async Task<IEnumerable<string>> WeightsAsync(KubernetesBench bench) =>
        At(await bench.GetAsync(), "/spec/http")!.AsArray().Select(static r => string.Join('/', r!["route"]!.AsArray().Select(static b => (int)b!["weight"]!)));
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers.Kubernetes;

public sealed class KubernetesTrafficDriverTests : TrafficDriverConformance
{
    private KubernetesTestBalancer Kubernetes => (KubernetesTestBalancer)Balancer;

    [Fact]
    public async Task A_split_that_the_controller_does_not_follow_is_not_in_force()
    {
        Kubernetes.Gateway.IsDeaf = true;
        var failure = await FailsAsync(FailureCodes.SplitNotInForce, () => Impatient().ApplyAsync(Record(1, 1, 10), false, Token));
        await FailsAsync(FailureCodes.SplitNotInForce, () => Driver.VerifyAsync(Record(1, 1, 10), Token));

        Assert.Contains("has not seen generation", failure.Message, StringComparison.Ordinal);
        Assert.True(failure.IsTransient);
    }

    [Fact]
    public async Task A_service_of_Y_that_is_gone_stops_a_shift_and_no_restore()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        Kubernetes.Gateway.Missing = KubernetesTestBalancer.BackendY;

        var failure = await FailsAsync(FailureCodes.SplitNotInForce, () => Impatient().ApplyAsync(Record(1, 2, 25), false, Token));
        await Driver.RestoreAsync(Record(2, 0, 0), Token);
        await Driver.VerifyAsync(Record(2, 0, 0), Token);

        Assert.Contains("ResolvedRefs=False, BackendNotFound", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(true, await KeyCensus.TakeAsync(Balancer.FrontendPort, 200, Token));
    }

    [Fact]
    public async Task A_third_backend_is_a_foreign_change_and_loses_its_traffic_to_X_at_a_restore()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        await Kubernetes.Bench.EditAsync(("add", "/spec/rules/0/backendRefs/-", new System.Text.Json.Nodes.JsonObject { ["name"] = "kong-z", ["port"] = 80, ["weight"] = 100 }));

        Assert.True((await Driver.ReadAsync(Token)).Tampered);
        await FailsAsync(FailureCodes.SplitForeign, () => Driver.ApplyAsync(Record(1, 2, 25), false, Token));
        await FailsAsync(FailureCodes.BalancerRefused, () => Driver.ApplyAsync(Record(1, 2, 25), overForeign: true, Token));

        await Driver.RestoreAsync(Record(2, 0, 0), Token);
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
        var backends = (await Kubernetes.Bench.GetAsync())["spec"]!["rules"]![0]!["backendRefs"]!.AsArray();
        Assert.Equal([100, 0, 0], backends.Select(static b => (int)b!["weight"]!));
    }

    [Fact]
    public async Task Whatever_the_order_of_a_late_shift_and_a_restore_all_traffic_ends_on_X()
    {
        for (var round = 1; round <= 10; round++)
        {
            var (shifting, restoring) = (Record((2 * round) - 1, 2, 50), Record(2 * round, 0, 0));
            await Driver.ApplyAsync(Record((2 * round) - 1, 1, 10), false, Token);
            var shift = Task.Run(() => Impatient().ApplyAsync(shifting, false, Token), Token);
            var restore = Task.Run(() => Balancer.Factory.Create(new TrafficAgent.Drivers.DriverSettings(Balancer.Settings)).RestoreAsync(restoring, Token), Token);

            await restore;
            var late = await Xunit.Record.ExceptionAsync(() => shift);

            Assert.True((await Driver.ReadAsync(Token)).Is(restoring), $"round {round}: {await Driver.ReadAsync(Token)}");
            string?[] possible = [null, FailureCodes.StepSuperseded, FailureCodes.SplitNotInForce];
            Assert.Contains((late as StepFailedException)?.Failure.Code, possible);
        }
    }

    [Fact]
    public async Task The_same_record_again_writes_nothing()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        var before = (string?)(await Kubernetes.Bench.GetAsync())["metadata"]!["resourceVersion"];

        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);

        Assert.Equal(before, (string?)(await Kubernetes.Bench.GetAsync())["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task Weights_that_serve_nobody_are_refused_and_can_be_restored()
    {
        await Kubernetes.Bench.EditAsync(("replace", "/spec/rules/0/backendRefs/0/weight", 0), ("replace", "/spec/rules/0/backendRefs/1/weight", 0));

        await FailsAsync(FailureCodes.BalancerRefused, () => Driver.ReadAsync(Token));
        Assert.Contains(await Driver.CheckAsync(Wishes(), Token), static p => p.Contains("are no share (0, 0)", StringComparison.Ordinal));
        await Driver.RestoreAsync(Record(1, 0, 0), Token);

        Assert.True((await Driver.ReadAsync(Token)).Is(Record(1, 0, 0)));
    }

    [Fact]
    public async Task The_rehearsal_changes_nothing()
    {
        var before = await Kubernetes.Bench.GetAsync();

        Assert.Empty(await Driver.CheckAsync(Wishes(), Token));

        Assert.Equal(before.ToJsonString(), (await Kubernetes.Bench.GetAsync()).ToJsonString());
    }

    [Fact]
    public async Task A_route_that_no_controller_serves_is_found_at_plan_time()
    {
        Kubernetes.Gateway.IsDeaf = true;
        await Kubernetes.Bench.EditAsync(("add", "/spec/hostnames", new System.Text.Json.Nodes.JsonArray("shop.example.com")));

        Assert.Contains("has not seen generation 2", Assert.Single(await Driver.CheckAsync(Wishes(), Token)), StringComparison.Ordinal);
    }

    protected override async Task<ITestBalancer> StartAsync(EchoBackend x, EchoBackend y) => await KubernetesTestBalancer.StartAsync(x, y);

    // For what never comes into force.
    private TrafficAgent.Drivers.ITrafficDriver Impatient() => Kubernetes.Bench.Driver(("settle", "2s"));
}

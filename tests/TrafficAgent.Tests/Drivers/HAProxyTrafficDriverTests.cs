using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.TestKit;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

public sealed class HAProxyTrafficDriverTests : TrafficDriverConformance
{
    private HAProxyTestBalancer HAProxy => (HAProxyTestBalancer)Balancer;

    [Fact]
    public Task No_request_fails_while_traffic_is_moved_forth_and_back() =>
        MoveForthAndBackUnderLoadAsync(rounds: 10, static (client, sent) => $"client-{client}-{sent % 100}");

    [Fact]
    public async Task Sees_the_share_of_requests_in_the_counters()
    {
        await Driver.ApplyAsync(Record(1, 1, 100), false, Token);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var load = KeepAskingAsync(enough.Token);
        var seen = await Eventually.ReachesAsync(
            "a share", () => Driver.VerifyAsync(Record(1, 1, 100), Token), static v => v.ShareY is not null, cancellationToken: Token);
        await enough.CancelAsync();
        await load;

        Assert.Equal(1.0, seen.ShareY);
        Assert.True(seen.Requests >= 20);
    }

    [Fact]
    public async Task Cannot_tell_the_share_without_requests()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);

        Assert.Null((await Driver.VerifyAsync(Record(1, 1, 50), Token)).ShareY);
    }

    [Fact]
    public async Task A_transaction_that_began_before_a_restore_cannot_be_committed_after_it()
    {
        var map = HAProxy.Server.Map;
        var late = (await HAProxy.SayAsync($"prepare map {map}")).Split(' ')[^1];
        await HAProxy.SayAsync($"add map @{late} {map} y 5000");
        await Driver.RestoreAsync(Record(2, 0, 0), Token);

        Assert.NotEqual("", await HAProxy.SayAsync($"commit map @{late} {map}"));
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Fact]
    public async Task Restores_a_map_that_holds_nonsense()
    {
        await HAProxy.SayAsync($"clear map {HAProxy.Server.Map}");
        await HAProxy.SayAsync($"add map {HAProxy.Server.Map} y 99999");
        await HAProxy.SayAsync($"add map {HAProxy.Server.Map} y 12");
        await HAProxy.SayAsync($"add map {HAProxy.Server.Map} epoch -4");

        await Driver.RestoreAsync(Record(2, 0, 0), Token);

        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Fact]
    public async Task A_restore_takes_effect_although_the_file_cannot_be_written_and_says_so()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        var settings = new Dictionary<string, string>(Balancer.Settings) { ["mapFile"] = "/proc/kum/kum.map" };
        var driver = Balancer.Factory.Create(new DriverSettings(settings));

        var failure = await FailsAsync(FailureCodes.BalancerRefused, () => driver.RestoreAsync(Record(2, 0, 0), Token));

        Assert.True(failure.IsTransient);
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Fact]
    public async Task Finds_missing_backends_at_plan_time()
    {
        var settings = new Dictionary<string, string>(Balancer.Settings) { ["backendX"] = "nope", ["backendY"] = "nowhere" };

        var problems = await Balancer.Factory.Create(new DriverSettings(settings)).CheckAsync(Wishes(), Token);

        Assert.Equal(2, problems.Count);
    }

    [Fact]
    public async Task An_unknown_map_is_a_refusal()
    {
        var settings = new Dictionary<string, string>(Balancer.Settings) { ["map"] = "/not/there.map" };
        var driver = Balancer.Factory.Create(new DriverSettings(settings));

        await FailsAsync(FailureCodes.BalancerRefused, () => driver.ReadAsync(Token));
        await FailsAsync(FailureCodes.BalancerRefused, () => driver.ApplyAsync(Record(1, 1, 10), false, Token));
    }

    [Fact]
    public async Task A_frozen_balancer_is_given_up_within_the_bound()
    {
        HAProxy.Server.Signal("STOP");
        var driver = Balancer.Factory.Create(new DriverSettings(new Dictionary<string, string>(Balancer.Settings) { ["timeout"] = "1s" }));

        var failure = await FailsAsync(FailureCodes.BalancerUnreachable, () => driver.ReadAsync(Token));

        Assert.True(failure.IsTransient);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("0x1 y notanumber\n\n")]
    public async Task Garbage_is_never_taken_for_success(string garbage)
    {
        using var liar = new Liar(garbage);
        var settings = new Dictionary<string, string>(Balancer.Settings) { ["socket"] = liar.Address };
        var driver = Balancer.Factory.Create(new DriverSettings(settings));
        string[] typed = [FailureCodes.BalancerRefused, FailureCodes.BalancerUnreachable];

        foreach (var attempt in new Func<Task>[]
        {
            () => driver.ReadAsync(Token),
            () => driver.ApplyAsync(Record(1, 1, 10), false, Token),
            () => driver.RestoreAsync(Record(1, 0, 0), Token),
            () => driver.VerifyAsync(Record(1, 0, 0), Token),
            () => driver.CheckAsync(Wishes(), Token),
        })
        {
            Assert.Contains((await Assert.ThrowsAsync<StepFailedException>(attempt)).Failure.Code, typed);
        }
    }

    [Fact]
    public async Task The_file_of_an_overtaken_shift_does_not_replace_that_of_the_restore()
    {
        await Driver.RestoreAsync(Record(2, 0, 0), Token);
        var kept = await File.ReadAllTextAsync(Balancer.KeptFile, Token);
        await HAProxy.SayAsync($"clear map {HAProxy.Server.Map}");

        await FailsAsync(FailureCodes.StepSuperseded, () => Driver.ApplyAsync(Record(1, 5, 50), false, Token));

        Assert.Equal(kept, await File.ReadAllTextAsync(Balancer.KeptFile, Token));
    }

    protected override async Task<ITestBalancer> StartAsync(EchoBackend x, EchoBackend y) => await HAProxyTestBalancer.StartAsync(x, y);

    private async Task KeepAskingAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await KeyCensus.TakeAsync(Balancer.FrontendPort, 400, Token);
        }
    }
}

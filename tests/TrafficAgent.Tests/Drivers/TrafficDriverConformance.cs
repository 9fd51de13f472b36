using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.TrafficAgent.Drivers;
using KongUpgradeMesh.TrafficAgent.Splits;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Drivers;

/// <summary>What every traffic driver must do, on its real load balancer.</summary>
public abstract class TrafficDriverConformance : IAsyncLifetime
{
    private EchoBackend _x = null!;
    private EchoBackend _y = null!;

    protected Guid Upgrade { get; } = Guid.NewGuid();

    protected ITestBalancer Balancer { get; private set; } = null!;

    protected ITrafficDriver Driver { get; private set; } = null!;

    protected EchoBackend Y => _y;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _x = await EchoBackend.StartAsync("x");
        _y = await EchoBackend.StartAsync("y");
        Balancer = await StartAsync(_x, _y);
        Driver = Balancer.Factory.Create(new DriverSettings(Balancer.Settings));
    }

    public async ValueTask DisposeAsync()
    {
        await Balancer.DisposeAsync();
        await _x.DisposeAsync();
        await _y.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Finds_a_well_configured_balancer_without_problems_and_all_on_X()
    {
        var problems = await Driver.CheckAsync(Wishes(), Token);
        var seen = await Driver.ReadAsync(Token);

        Assert.Empty(problems);
        Assert.Equal(TrafficSplit.AllOnX, seen.Split);
        Assert.Null(seen.Record);
        Assert.NotEmpty(Driver.Limits);
    }

    [Fact]
    public async Task Reads_back_what_was_applied_also_with_a_new_driver()
    {
        var record = Record(epoch: 3, step: 2, weightY: 25);
        await Driver.ApplyAsync(record, overForeign: false, Token);

        var seen = await Balancer.Factory.Create(new DriverSettings(Balancer.Settings)).ReadAsync(Token);

        Assert.True(seen.Is(record), seen.ToString());
    }

    [Fact]
    public async Task Applies_the_same_record_again_without_harm()
    {
        var record = Record(1, 1, 10);
        await Driver.ApplyAsync(record, false, Token);
        await Driver.ApplyAsync(record, false, Token);

        Assert.True((await Driver.ReadAsync(Token)).Is(record));
    }

    [Fact]
    public async Task Refuses_an_older_epoch_and_an_older_step()
    {
        var newest = Record(2, 3, 50);
        await Driver.ApplyAsync(newest, false, Token);

        await FailsAsync(FailureCodes.StepSuperseded, () => Driver.ApplyAsync(Record(1, 9, 100), false, Token));
        await FailsAsync(FailureCodes.StepSuperseded, () => Driver.ApplyAsync(Record(2, 2, 25), false, Token));
        await FailsAsync(FailureCodes.StepSuperseded, () => Driver.ApplyAsync(Record(1, 9, 100), overForeign: true, Token));
        await FailsAsync(FailureCodes.StepSuperseded, () => Driver.RestoreAsync(Record(1, 0, 0), Token));
        Assert.True((await Driver.ReadAsync(Token)).Is(newest));
    }

    [Fact]
    public async Task Within_a_step_the_share_only_rises_and_not_again_once_X_has_all()
    {
        var (low, high) = (Settable(10), Settable(60));
        await Driver.ApplyAsync(Record(2, 3, low), false, Token);
        await Driver.ApplyAsync(Record(2, 3, high), false, Token);

        await FailsAsync(FailureCodes.StepSuperseded, () => Driver.ApplyAsync(Record(2, 3, low), false, Token));
        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 3, high)));
        await Driver.RestoreAsync(Record(2, 3, 0), Token);
        await FailsAsync(FailureCodes.StepSuperseded, () => Driver.ApplyAsync(Record(2, 3, high), false, Token));
        Assert.Equal(0, (await Driver.ReadAsync(Token)).Split.WeightY);
    }

    [Fact]
    public async Task A_late_shift_does_not_undo_a_restore()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        await Driver.RestoreAsync(Record(2, 0, 0), Token);

        await FailsAsync(FailureCodes.StepSuperseded, () => Driver.ApplyAsync(Record(1, 2, 25), false, Token));
        Assert.Equal(0, (await Driver.ReadAsync(Token)).Split.WeightY);
    }

    [Fact]
    public async Task Notices_a_change_by_hand_and_leaves_it()
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        await Balancer.ChangeByHandAsync(80);

        var seen = await Driver.ReadAsync(Token);
        Assert.True(seen.Tampered);
        Assert.Equal(80, seen.Split.WeightY);
        await FailsAsync(FailureCodes.SplitForeign, () => Driver.ApplyAsync(Record(1, 2, 25), false, Token));
        Assert.Equal(80, (await Driver.ReadAsync(Token)).Split.WeightY);
    }

    [Fact]
    public async Task Leaves_the_split_of_another_upgrade_alone()
    {
        await Driver.ApplyAsync(Record(1, 1, 10) with { UpgradeId = Guid.NewGuid() }, false, Token);

        await FailsAsync(FailureCodes.SplitForeign, () => Driver.ApplyAsync(Record(1, 1, 25), false, Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(100)]
    public async Task Restores_X_from_any_share_while_Y_is_dead(int weightY)
    {
        await Driver.ApplyAsync(Record(1, 1, Settable(weightY)), false, Token);
        await Y.StopAsync();

        await Driver.RestoreAsync(Record(2, 0, 0), Token);
        await Driver.RestoreAsync(Record(2, 0, 0), Token);

        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
        Assert.DoesNotContain(true, await Balancer.CensusAsync(200, Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restores_X_from_a_split_set_by_hand(bool marksLeft)
    {
        await Driver.ApplyAsync(Record(1, 1, 10), false, Token);
        await (marksLeft ? Balancer.ChangeByHandAsync(80) : Balancer.ReplaceByHandAsync(80));

        await Driver.RestoreAsync(Record(2, 0, 0), Token);

        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Fact]
    public async Task Keeps_the_split_over_a_crash_of_the_balancer()
    {
        var record = Record(1, 1, 50);
        await Driver.ApplyAsync(record, false, Token);
        await Balancer.KillAsync();
        await Balancer.StartAgainAsync();

        Assert.True((await Driver.ReadAsync(Token)).Is(record));
    }

    [Fact]
    public async Task Keeps_a_restore_over_a_crash_of_the_balancer()
    {
        await Driver.ApplyAsync(Record(1, 1, 50), false, Token);
        await Driver.RestoreAsync(Record(2, 0, 0), Token);
        await Balancer.KillAsync();
        await Balancer.StartAgainAsync();

        Assert.True((await Driver.ReadAsync(Token)).Is(Record(2, 0, 0)));
    }

    [Fact]
    public async Task Says_that_a_dead_balancer_is_unreachable_for_now()
    {
        await Balancer.KillAsync();

        var failure = await FailsAsync(FailureCodes.BalancerUnreachable, () => Driver.ReadAsync(Token));
        Assert.True(failure.IsTransient);
        await FailsAsync(FailureCodes.BalancerUnreachable, () => Driver.ApplyAsync(Record(1, 1, 10), false, Token));
        await FailsAsync(FailureCodes.BalancerUnreachable, () => Driver.CheckAsync(Wishes(), Token));
    }

    [Fact]
    public async Task Moves_the_promised_share_of_keys_and_none_of_them_back()
    {
        // A lookup stands for many requests, so fewer of them are worth asking.
        var keys = Driver.Capabilities.Assignment == TrafficAssignment.PerLookup ? 1_000 : 10_000;
        var before = new bool[keys];
        var step = 0;
        foreach (var weightY in new[] { 0, 1, 10, 25, 50, 100 }.Select(Settable).Distinct())
        {
            await Driver.ApplyAsync(Record(1, ++step, weightY), false, Token);
            var now = await Balancer.CensusAsync(keys, Token);

            var share = weightY / 100.0;
            var bound = 5 * Math.Sqrt(keys * share * (1 - share));
            Assert.InRange(now.Count(static y => y), keys * share - bound, keys * share + bound);
            if (Driver.Capabilities.IsSticky)
            {
                Assert.DoesNotContain(Enumerable.Range(0, keys), key => before[key] && !now[key]);
            }

            before = now;
        }
    }

    [Fact]
    public void A_spec_that_asks_for_more_than_the_driver_promises_is_refused()
    {
        var sticky = Driver.Capabilities.ProblemsWith(Wishes() with { Sticky = true, Steps = [100] });
        Assert.Equal(Driver.Capabilities.IsSticky ? 0 : 1, sticky.Count());

        foreach (var step in Enumerable.Range(1, 100))
        {
            Assert.Equal(Driver.Capabilities.CanSet(step) ? 0 : 1, Driver.Capabilities.ProblemsWith(Wishes() with { Steps = [step] }).Count());
        }
    }

    [Fact]
    public void Lists_every_wrong_setting_at_once()
    {
        var settings = Balancer.Settings.Keys.ToDictionary(static k => k, static _ => "");
        settings["timeout"] = "soon";
        settings["misspelt"] = "1";

        var exception = Assert.Throws<StepFailedException>(() => Balancer.Factory.Create(new DriverSettings(settings)));

        Assert.Equal(FailureCodes.SpecInvalid, exception.Failure.Code);
        Assert.Contains(exception.Failure.Details, static d => d.StartsWith("traffic.settings.timeout ", StringComparison.Ordinal));
        Assert.Contains(exception.Failure.Details, static d => d.StartsWith("traffic.settings.misspelt ", StringComparison.Ordinal));
        Assert.True(exception.Failure.Details.Count >= 4, string.Join('\n', exception.Failure.Details));
    }

    /// <summary>Moves traffic forth and back while clients send on connections that they keep and never retry: a request that fails fails the test.</summary>
    /// <param name="rounds">How often.</param>
    /// <param name="key">The sticky key of a client's request, by number of the client and of the request.</param>
    protected async Task MoveForthAndBackUnderLoadAsync(int rounds, Func<int, int, string> key)
    {
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 8).Select(number => Task.Run(async () =>
        {
            using var client = new RawClient(Balancer.FrontendPort);
            var sent = 0;
            for (; !stop.IsCancellationRequested; sent++)
            {
                await client.SendAsync(key(number, sent), Token);
            }

            return sent;
        })).ToArray();

        for (var round = 1; round <= rounds; round++)
        {
            foreach (var (weightY, step) in new[] { (1, 1), (25, 2), (50, 3), (100, 4) })
            {
                await Driver.ApplyAsync(Record(2 * round, step, weightY), false, Token);
            }

            await Driver.RestoreAsync(Record((2 * round) + 1, 0, 0), Token);
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(clients), static sent => Assert.True(sent > 20));
    }

    protected abstract Task<ITestBalancer> StartAsync(EchoBackend x, EchoBackend y);

    protected TrafficRecord Record(int epoch, int step, int weightY) =>
        new() { UpgradeId = Upgrade, Epoch = epoch, Step = step, Split = new TrafficSplit { WeightY = weightY } };

    /// <summary>The share itself, or the next larger one that the driver can set.</summary>
    protected int Settable(int weightY) => Enumerable.Range(weightY, 101 - weightY).First(Driver.Capabilities.CanSet);

    protected TrafficSpec Wishes() => new() { Driver = Balancer.Driver, Settings = Balancer.Settings };

    protected static async Task<Failure> FailsAsync(string code, Func<Task> action)
    {
        var exception = await Assert.ThrowsAsync<StepFailedException>(action);
        Assert.Equal(code, exception.Failure.Code);
        return exception.Failure;
    }
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Traffic;
using KongUpgradeMesh.TrafficAgent.Tests.Backends;

namespace KongUpgradeMesh.TrafficAgent.Tests.Steps;

public sealed class DrillTests : IAsyncLifetime
{
    private TestAgent _agent = null!;
    private int _onY;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _agent = await TestAgent.StartAsync();

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public async Task Goes_to_Y_and_back_times_both_and_lets_the_first_step_follow()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var counting = CountOnYAsync(stop.Token);
        TrafficDrilled drilled;
        var (drills, lasted) = (0, TimeSpan.Zero);
        do
        {
            // One is over in 100 ms: on a busy machine perhaps before any of one percent of the clients has come by.
            var began = TimeProvider.System.GetTimestamp();
            drilled = await _agent.DrillAsync(1);
            lasted = TimeProvider.System.GetElapsedTime(began);
        }
        while (Volatile.Read(ref _onY) == 0 && ++drills < 50);

        await stop.CancelAsync();
        await counting;
        Assert.True(_onY > 0, "no client reached Y during the drills");
        Assert.Equal(1, drilled.Split!.WeightY);
        Assert.All([drilled.TookForth!.Value, drilled.TookBack!.Value], static took => Assert.True(took > TimeSpan.Zero));
        Assert.InRange(drilled.TookForth.Value + drilled.TookBack.Value, TimeSpan.Zero, lasted);
        Assert.True((await _agent.ReadAsync()).Is(_agent.Record(1, 0, 0)));

        await _agent.ShiftAsync(1, 1, 10);
        Assert.True((await _agent.ReadAsync()).Is(_agent.Record(1, 1, 10)));
    }

    [Fact]
    public async Task Can_be_repeated_after_a_crash_in_its_midst()
    {
        var driver = _agent.Balancer.Factory.Create(new TrafficAgent.Drivers.DriverSettings(_agent.Balancer.Settings));
        await driver.ApplyAsync(_agent.Record(1, 1, 1), overForeign: false, Token);
        _agent.Restart();

        await _agent.DrillAsync(1);
        await _agent.DrillAsync(1);

        Assert.True((await _agent.ReadAsync()).Is(_agent.Record(1, 0, 0)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Moves_nothing_while_a_side_is_unfit(bool yIsWell)
    {
        await (yIsWell ? _agent.X : _agent.Y).StopAsync();

        var exception = await Assert.ThrowsAsync<StepFailedException>(() => _agent.DrillAsync(1));
        Assert.Equal(FailureCodes.ClusterUnfit, exception.Failure.Code);
        Assert.Null((await _agent.ReadAsync()).Record);
    }

    [Fact]
    public async Task Leaves_nothing_on_Y_when_it_cannot_be_proven()
    {
        // The share is in force, but the file that a restart of HAProxy reads cannot be kept.
        var spec = _agent.Spec(new Dictionary<string, string>(_agent.Balancer.Settings) { ["mapFile"] = "/proc/1/nowhere/split.map" });

        var exception = await Assert.ThrowsAsync<StepFailedException>(() => _agent.DrillAsync(1, spec));
        Assert.Equal(FailureCodes.BalancerRefused, exception.Failure.Code);
        Assert.Equal(0, (await _agent.ReadAsync()).Split.WeightY);
    }

    [Fact]
    public async Task Finds_a_foreign_split_and_leaves_it()
    {
        await _agent.Balancer.ReplaceByHandAsync(30);

        var exception = await Assert.ThrowsAsync<StepFailedException>(() => _agent.DrillAsync(1));
        Assert.Equal(FailureCodes.SplitForeign, exception.Failure.Code);
        Assert.Equal(30, (await _agent.ReadAsync()).Split.WeightY);
    }

    private async Task CountOnYAsync(CancellationToken cancellationToken)
    {
        using var client = new RawClient(_agent.Balancer.FrontendPort);
        for (var key = 0; !cancellationToken.IsCancellationRequested; key++)
        {
            if (await client.SendAsync($"consumer-{key % 2000}", CancellationToken.None) == "y")
            {
                Interlocked.Increment(ref _onY);
            }
        }
    }
}

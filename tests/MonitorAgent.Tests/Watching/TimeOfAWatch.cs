using KongUpgradeMesh.MonitorAgent.Watching;
using Microsoft.Extensions.Time.Testing;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

public sealed class TimeOfAWatch
{
    [Fact]
    public void Passes_with_the_clock()
    {
        var clock = new FakeTimeProvider();
        var time = new WatchTime(clock);
        clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal(TimeSpan.FromSeconds(90), time.Elapsed);
    }

    [Fact]
    public void Follows_a_jump_forwards_and_stands_at_one_backwards()
    {
        var clock = new JumpingClock();
        var time = new WatchTime(clock);
        clock.Jump(TimeSpan.FromHours(1));
        var forwards = time.Elapsed;
        Assert.InRange(forwards, TimeSpan.FromHours(1), TimeSpan.FromHours(2));
        clock.Jump(TimeSpan.FromHours(-3));
        var backwards = time.Elapsed;
        Assert.Equal(forwards, backwards);
        clock.Jump(TimeSpan.FromMinutes(1));
        Assert.InRange(time.Elapsed - backwards, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(30));
    }
}

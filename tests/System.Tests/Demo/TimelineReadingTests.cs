using KongUpgradeMesh.Lab.Demo.Reports;

namespace KongUpgradeMesh.System.Tests.Demo;

public sealed class TimelineReadingTests
{
    [Fact]
    public void Measures_each_phase_until_the_next_begins()
    {
        var reading = new TimelineReading(new Timelines()
            .Add(0, "phase-entered", "Preflight").Add(2, "phase-entered", "Freeze").Add(3.5, "step-completed", "Freeze").Add(4, "phase-entered", "Backup").Add(9, "ended", "Backup").Entries);

        Assert.Equal([new("Preflight", 2, "passed"), new("Freeze", 2, "passed"), new("Backup", 5, "passed")], reading.Phases());
        Assert.Equal(Timelines.At(3.5), reading.FrozenAt);
        Assert.Equal(Timelines.At(9), reading.EndedAt);
    }

    [Fact]
    public void Shows_the_way_back_as_a_phase_of_its_own()
    {
        var reading = new TimelineReading(new Timelines()
            .Add(0, "phase-entered", "Shift").Shift(1, 1).Shift(6, 25).Add(12, "rollback-started", "Shift").Shift(12.4, 0).Add(14, "ended", "Shift").Entries);

        Assert.Equal([new("Shift", 12, "rolledBack"), new("RollBack", 2, "passed")], reading.Phases());
        Assert.Equal(Timelines.At(12.4), reading.TrafficRestoredAt);
        Assert.Equal([1, 25, 0], reading.Splits.Select(static s => s.WeightY));
    }

    [Fact]
    public void Takes_the_freeze_for_over_as_soon_as_it_may_be_lifted()
    {
        Assert.Equal(Timelines.At(20), new TimelineReading(new Timelines().Add(1, "step-completed", "Freeze").Add(20, "phase-entered", "Unfreeze").Add(30, "ended", "AfterWatch").Entries).FrozenUntil);
        Assert.Null(new TimelineReading(new Timelines().Add(1, "step-completed", "Freeze").Entries).FrozenUntil);
    }

    [Fact]
    public void Says_that_a_phase_is_unfinished_when_nothing_followed() =>
        Assert.Equal("unfinished", Assert.Single(new TimelineReading(new Timelines().Add(0, "phase-entered", "Deploy").Entries).Phases()).Result);
}

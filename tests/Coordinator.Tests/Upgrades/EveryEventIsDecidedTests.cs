namespace KongUpgradeMesh.Coordinator.Tests.Upgrades;

public sealed class EveryEventIsDecidedTests
{
    [Fact]
    public void Every_event_is_decided_in_every_state()
    {
        var machine = Machine.Create();
        var undecided =
            from state in machine.Live.Concat(machine.Ended)
            let decided = machine.NextEvents(state).Select(e => e.Name).ToHashSet()
            from @event in machine.Events
            where !IsLifecycle(@event.Name) && !decided.Contains(@event.Name)
            select $"{state.Name}: {@event.Name}";

        Assert.Empty(undecided);
    }

    [Fact]
    public void Every_state_of_the_procedure_is_listed_as_running_waiting_or_ended()
    {
        var machine = Machine.Create();
        var listed = machine.Live.Concat(machine.Ended).Select(s => s.Name).ToHashSet();

        Assert.Empty(machine.States.Select(s => s.Name).Except(["Initial", "Final"]).Except(listed));
    }

    // Enter, Leave, BeforeEnter and AfterLeave are raised by the machine itself; AnyReceived mirrors Received of a timer.
    private static bool IsLifecycle(string name) =>
        name.EndsWith(".Enter", StringComparison.Ordinal) || name.EndsWith(".Leave", StringComparison.Ordinal)
        || name.EndsWith(".BeforeEnter", StringComparison.Ordinal) || name.EndsWith(".AfterLeave", StringComparison.Ordinal)
        || name.EndsWith(".AnyReceived", StringComparison.Ordinal);
}

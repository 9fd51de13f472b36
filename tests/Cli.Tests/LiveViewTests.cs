using KongUpgradeMesh.Cli.Live;
using KongUpgradeMesh.Contracts.Api;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace KongUpgradeMesh.Cli.Tests;

public class LiveViewTests
{
    private readonly FakeTimeProvider _clock = new(Canned.Start.AddSeconds(40));

    [Fact]
    public void Shows_phases_traffic_verdict_and_the_running_step()
    {
        var view = new LiveView(_clock);
        view.Show(Canned.Upgrade());
        foreach (var entry in Canned.Timeline)
        {
            view.Add(entry);
        }

        var picture = Picture(view);

        Assert.Contains("payments @ eu1", picture, StringComparison.Ordinal);
        Assert.Matches("✓ Preflight +3.0 s +Preflight found nothing", picture);
        Assert.Matches("✓ Freeze +7.0 s", picture);
        Assert.Matches("▶ Shift +30.0 s", picture);
        Assert.Contains("· Soak", picture, StringComparison.Ordinal);
        Assert.Contains("X  75 % " + new string('░', 30) + new string('█', 10) + " Y  25 %", picture, StringComparison.Ordinal);
        Assert.Contains("Verdict   Passed: 4120 requests on Y", picture, StringComparison.Ordinal);
        Assert.Contains("shift-25 (attempt 2) by traffic-1: reading the split back", picture, StringComparison.Ordinal);
    }

    [Fact]
    public void Shows_a_rollback_in_its_place_and_what_to_do()
    {
        var view = new LiveView(_clock);
        foreach (var entry in Canned.Timeline.Append(Canned.Entry(8, "rollback-started", "Shift", "Cluster Y failed [5xx]", 30)))
        {
            view.Add(entry);
        }

        view.Show(Canned.Upgrade("RolledBack", UpgradeOutcome.RolledBack));

        var picture = Picture(view);
        Assert.Matches("✗ Shift +20.0 s", picture);
        Assert.Matches(@"✓ RollingBack +4 min 30 s +Cluster Y failed \[5xx\]", picture);
        Assert.Contains("Remedy  Look at the new plugin", picture, StringComparison.Ordinal);
    }

    [Fact]
    public void Shows_a_gate_with_its_deadline_and_the_command_that_opens_it()
    {
        var view = new LiveView(_clock);
        view.Add(Canned.Timeline[0]);
        view.Add(Canned.Entry(2, "gate-waiting", "Freeze", "Waits for approval before Freeze", 1));
        view.Show(Canned.Upgrade("Gate"));

        var picture = Picture(view);
        Assert.Matches("‖ Freeze +39.0 s +Waits for approval", picture);
        Assert.Contains("kum approve 5f0c2b1e", picture, StringComparison.Ordinal);
        Assert.Contains("23 h 59 min left", picture, StringComparison.Ordinal);
    }

    [Fact]
    public void Begins_anew_after_a_retry()
    {
        var view = new LiveView(_clock);
        foreach (var entry in Canned.Timeline)
        {
            view.Add(entry);
        }

        view.Add(Canned.Entry(8, "started", "Preflight", "again", 30));
        view.Show(Canned.Upgrade());

        Assert.Contains("· Shift", Picture(view), StringComparison.Ordinal);
    }

    [Fact]
    public void Says_that_the_coordinator_is_lost()
    {
        var view = new LiveView(_clock);
        view.Show(Canned.Upgrade());

        view.Connection("nothing listens there.");
        Assert.Contains("nothing listens there. Trying again", Picture(view), StringComparison.Ordinal);
        view.Connection(lost: null);
        Assert.DoesNotContain("nothing listens", Picture(view), StringComparison.Ordinal);
    }

    private static string Picture(LiveView view)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 140;
        console.Profile.Capabilities.Unicode = true;
        console.Write(view.Render());
        return output.ToString();
    }
}

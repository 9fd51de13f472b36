using System.Text.Json;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Lab.Demo.Faults;
using KongUpgradeMesh.Lab.Demo.Reports;

namespace KongUpgradeMesh.System.Tests.Demo;

public sealed class DemoResultTests
{
    private static readonly RequestResult NoneFailed = new(1000, 0, 0, 0, 100);
    private static readonly FreezeResult Held = new(30, 40, 0, 0, 500);

    [Fact]
    public void Is_one_line_of_JSON_with_the_promised_names()
    {
        var line = Result().ToJsonLine();
        var json = JsonDocument.Parse(line).RootElement;

        Assert.DoesNotContain('\n', line);
        Assert.Equal("completed", json.GetProperty("outcome").GetString());
        Assert.Equal(1.0, json.GetProperty("traffic").GetProperty("finalShareY").GetDouble());
        Assert.Equal(0, json.GetProperty("requests").GetProperty("failed").GetInt64());
        Assert.Equal(40, json.GetProperty("freeze").GetProperty("blockedWrites").GetInt32());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("rollback").GetProperty("detectSeconds").ValueKind);
        Assert.Equal("Shift", json.GetProperty("phases")[0].GetProperty("name").GetString());
        Assert.Equal("rolledBack", JsonDocument.Parse((Result() with { Outcome = DemoOutcome.RolledBack }).ToJsonLine()).RootElement.GetProperty("outcome").GetString());
    }

    [Fact]
    public void Tells_people_what_was_verified_and_what_happened()
    {
        var text = MarkdownReport.Write(Result(), new Timelines().Add(0, "phase-entered", "Shift").Entries);

        Assert.Contains("| ✔ | No client request failed | 0 of 1000 |", text);
        Assert.Contains("| Shift | 12.0 | passed |", text);
        Assert.Contains("phase-entered in Shift \\| told", text);
        Assert.Contains("| share of Y at the end | 100.0 % |", text);
    }

    [Fact]
    public void Holds_only_when_nothing_failed_and_the_freeze_held()
    {
        var all = new TrafficResult(1, []);

        Assert.DoesNotContain(LabChecks.Of(NoneFailed, Held, all, UpgradeOutcome.Completed, null), static c => !c.Holds);
        Assert.Contains(LabChecks.Of(NoneFailed with { Failed = 1 }, Held, all, UpgradeOutcome.Completed, null), static c => !c.Holds);
        Assert.Contains(LabChecks.Of(NoneFailed, Held with { AcceptedWrites = 1 }, all, UpgradeOutcome.Completed, null), static c => !c.Holds);
        Assert.Contains(LabChecks.Of(NoneFailed, Held with { Drift = null }, all, UpgradeOutcome.Completed, null), static c => !c.Holds);
        Assert.Contains(LabChecks.Of(NoneFailed, Held, new TrafficResult(null, []), UpgradeOutcome.Completed, null), static c => !c.Holds);
    }

    [Fact]
    public void Forgives_only_failures_that_the_injected_fault_caused()
    {
        var back = new TrafficResult(0, []);

        Assert.DoesNotContain(LabChecks.Of(NoneFailed with { Failed = 7, FailedByFault = 7 }, Held, back, UpgradeOutcome.RolledBack, FaultKind.Errors), static c => !c.Holds);
        Assert.Contains(LabChecks.Of(NoneFailed with { Failed = 8, FailedByFault = 7 }, Held, back, UpgradeOutcome.RolledBack, FaultKind.Errors), static c => !c.Holds);
        Assert.Contains(LabChecks.Of(NoneFailed, Held, new TrafficResult(1, []), UpgradeOutcome.Completed, FaultKind.Errors), static c => !c.Holds);
    }

    private static DemoResult Result() => new()
    {
        Outcome = DemoOutcome.Completed,
        UpgradeId = Guid.Empty,
        From = "2.8.5",
        To = "3.4.2",
        Phases = [new PhaseResult("Shift", 12, "passed")],
        Traffic = new TrafficResult(1, [new TrafficStepResult(100, 5, 600, 1)]),
        Requests = NoneFailed,
        Freeze = Held,
        Rollback = RollbackResult.None,
        Checks = [new CheckResult("No client request failed", true, "0 of 1000")],
    };
}

using System.Text.Json;
using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Cli.Tests;

/// <summary>Views as the coordinator would give them.</summary>
internal static class Canned
{
    public static readonly Guid UpgradeId = Guid.Parse("5f0c2b1e-7a4d-4c55-9d0e-3b6f6f6d9a11");
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    public static UpgradeView Upgrade(string state = "Shift", UpgradeOutcome? outcome = null) => new()
    {
        UpgradeId = UpgradeId,
        RequestId = "request-1",
        RequestedBy = "ci",
        Cluster = "payments",
        Datacenter = "eu1",
        From = "2.8.5",
        To = "3.4.3",
        State = state,
        Outcome = outcome,
        Phase = "Shift",
        Epoch = 1,
        Step = outcome is null ? "shift-25" : null,
        Attempt = outcome is null ? 2 : 0,
        Agent = outcome is null ? "traffic-1" : null,
        Activity = outcome is null ? "reading the split back" : null,
        WeightY = outcome is UpgradeOutcome.Completed ? 100 : outcome is null ? 25 : 0,
        Tainted = false,
        Failure = outcome is UpgradeOutcome.RolledBack or UpgradeOutcome.Failed
            ? new Failure { Code = FailureCodes.VerdictFailed, Message = "Cluster Y answers 5 % more errors.", Remedy = "Look at the new plugin, then kum retry." }
            : null,
        StartedAt = Start,
        EndedAt = outcome is null ? null : Start.AddMinutes(5),
        Deadline = state == "Gate" ? Start.AddDays(1) : null,
    };

    public static TimelineEntry Entry(long sequence, string kind, string phase, string message, int second) => new()
    {
        Sequence = sequence,
        At = Start.AddSeconds(second),
        Kind = kind,
        Phase = phase,
        Epoch = 1,
        Actor = "coordinator",
        Message = message,
        Data = JsonSerializer.SerializeToElement(new { }),
        PreviousHash = new string('0', 64),
        Hash = new string('1', 64),
    };

    public static readonly TimelineEntry[] Timeline =
    [
        Entry(1, "started", "Preflight", "Upgrade of payments from 2.8.5 to 3.4.3", 0),
        Entry(2, "phase-entered", "Preflight", "Phase Preflight begins", 0),
        Entry(3, "step-completed", "Preflight", "Preflight found nothing in the way", 3),
        Entry(4, "phase-entered", "Freeze", "Phase Freeze begins", 3),
        Entry(5, "phase-entered", "Shift", "Phase Shift begins", 10),
        Entry(6, "traffic-shifted", "Shift", "25 % of the keys are on Y", 12),
        Entry(7, "verdict", "Shift", "Passed: 4120 requests on Y, no worse than X", 22),
    ];
}

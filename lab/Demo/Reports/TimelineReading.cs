using KongUpgradeMesh.Contracts.Api;

namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>What a timeline says about phases, splits and the freeze.</summary>
public sealed class TimelineReading(IReadOnlyList<TimelineEntry> entries)
{
    /// <summary>Weight at which the clients' traffic counts as half-way: a fault is injected there.</summary>
    public const int FaultWeight = 25;

    /// <summary>The entries.</summary>
    public IReadOnlyList<TimelineEntry> Entries => entries;

    /// <summary>When the fence of cluster X was proven to hold; null when it never was.</summary>
    public DateTimeOffset? FrozenAt => entries.FirstOrDefault(static e => e is { Kind: "step-completed", Phase: "Freeze" })?.At;

    /// <summary>Until when it was certainly meant to hold: the unfreeze or the way back begins; null while it is.</summary>
    public DateTimeOffset? FrozenUntil => entries.FirstOrDefault(static e => e.Kind is "rollback-started" or "ended" || e is { Kind: "phase-entered", Phase: "Unfreeze" })?.At;

    /// <summary>When the drill had brought everything back to X; null when there was none.</summary>
    public DateTimeOffset? DrilledAt => entries.FirstOrDefault(static e => e.Kind == "traffic-drilled")?.At;

    /// <summary>When the decision to roll back fell; null when it did not.</summary>
    public DateTimeOffset? RollbackStartedAt => entries.FirstOrDefault(static e => e.Kind == "rollback-started")?.At;

    /// <summary>When all traffic was proven to be back on X; null when it was not.</summary>
    public DateTimeOffset? TrafficRestoredAt => RollbackStartedAt is { } began
        ? entries.FirstOrDefault(e => e.Kind == "traffic-shifted" && e.At >= began)?.At
        : null;

    /// <summary>When the run ended; null while it has not.</summary>
    public DateTimeOffset? EndedAt => entries.LastOrDefault(static e => e.Kind == "ended")?.At;

    /// <summary>Whether cluster X was removed.</summary>
    public bool IsDecommissioned => entries.Any(static e => e is { Kind: "step-completed", Phase: "Decommission" } && e.Data.TryGetProperty("side", out _))
        || entries.Any(static e => e is { Kind: "phase-entered", Phase: "Unfreeze" });

    /// <summary>Every split that was proven, in order: when, and the percent on Y.</summary>
    public IReadOnlyList<(DateTimeOffset At, int WeightY)> Splits =>
    [
        .. entries.Where(static e => e.Kind == "traffic-shifted").Select(static e => (e.At, WeightOf(e))).Where(static s => s.Item2 is not null).Select(static s => (s.At, s.Item2!.Value)),
    ];

    /// <summary>The phases that were entered, with the way back as a phase of its own.</summary>
    public IReadOnlyList<PhaseResult> Phases()
    {
        var marks = entries.Where(static e => e.Kind is "phase-entered" or "rollback-started" or "paused" or "ended").ToList();
        var phases = new List<PhaseResult>();
        for (var i = 0; i < marks.Count; i++)
        {
            if (marks[i].Kind is not ("phase-entered" or "rollback-started"))
            {
                continue;
            }

            var next = i + 1 < marks.Count ? marks[i + 1] : null;
            var end = next?.At ?? entries[^1].At;
            var name = marks[i].Kind == "rollback-started" ? "RollBack" : marks[i].Phase;
            phases.Add(new PhaseResult(name, Math.Round((end - marks[i].At).TotalSeconds, 2), ResultOf(next)));
        }

        return phases;
    }

    /// <summary>The percent on Y that a <c>traffic-shifted</c> entry proves; null when it names none.</summary>
    public static int? WeightOf(TimelineEntry entry) =>
        entry.Data.ValueKind == System.Text.Json.JsonValueKind.Object
        && entry.Data.TryGetProperty("split", out var split)
        && split.TryGetProperty("weightY", out var weight)
            ? weight.GetInt32()
            : null;

    private static string ResultOf(TimelineEntry? next) => next?.Kind switch
    {
        null => "unfinished",
        "rollback-started" => "rolledBack",
        "paused" => "paused",
        _ => "passed",
    };
}

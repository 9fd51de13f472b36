using System.Text.Json;
using KongUpgradeMesh.Lab.Demo.Faults;

namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>What a demo found, as machines read it.</summary>
public sealed record DemoResult
{
    private static readonly JsonSerializerOptions OneLine = new(JsonSerializerDefaults.Web);
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>How it ended.</summary>
    public required DemoOutcome Outcome { get; init; }

    /// <summary>The upgrade; null when none was started.</summary>
    public Guid? UpgradeId { get; init; }

    /// <summary>Version of cluster X.</summary>
    public required string From { get; init; }

    /// <summary>Version of cluster Y.</summary>
    public required string To { get; init; }

    /// <summary>The phases that were entered, in order.</summary>
    public required IReadOnlyList<PhaseResult> Phases { get; init; }

    /// <summary>The traffic.</summary>
    public required TrafficResult Traffic { get; init; }

    /// <summary>The clients' requests.</summary>
    public required RequestResult Requests { get; init; }

    /// <summary>The freeze.</summary>
    public required FreezeResult Freeze { get; init; }

    /// <summary>The way back; its numbers are null when nothing had to go back.</summary>
    public required RollbackResult Rollback { get; init; }

    /// <summary>What was verified at the end, each with its answer.</summary>
    public required IReadOnlyList<CheckResult> Checks { get; init; }

    /// <summary>The fault that was injected; null for none.</summary>
    public string? Fault { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Problem { get; init; }

    /// <summary>Path of the report for people; a JSON file of the same name lies beside it.</summary>
    public string? Report { get; init; }

    /// <summary>The result when nothing could be shown.</summary>
    public static DemoResult NotShown(string problem, FaultKind? fault) => new()
    {
        Outcome = DemoOutcome.Failed,
        From = "",
        To = "",
        Phases = [],
        Traffic = new TrafficResult(null, []),
        Requests = new RequestResult(0, 0, 0, 0, 0),
        Freeze = new FreezeResult(null, 0, 0, null, 0),
        Rollback = RollbackResult.None,
        Checks = [],
        Fault = fault is { } kind ? kind.ToString().ToLowerInvariant() : null,
        Problem = problem,
    };

    /// <summary>One line of JSON.</summary>
    public string ToJsonLine() => JsonSerializer.Serialize(this, OneLine);

    /// <summary>The same on several lines.</summary>
    public string ToJsonText() => JsonSerializer.Serialize(this, Indented);
}

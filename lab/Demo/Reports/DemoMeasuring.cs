using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Api;
using KongUpgradeMesh.Lab.Demo.Environments;
using KongUpgradeMesh.Lab.Demo.Faults;
using KongUpgradeMesh.Lab.Demo.Freeze;
using KongUpgradeMesh.Lab.Demo.Traffic;

namespace KongUpgradeMesh.Lab.Demo.Reports;

/// <summary>Turns the timeline and what the lab saw with its own eyes into a result.</summary>
public static class DemoMeasuring
{
    private static readonly TimeSpan LastSeconds = TimeSpan.FromSeconds(2);

    // The traffic agent's reflex may move clients back a moment before the coordinator has written its decision down.
    private static readonly TimeSpan ReflexLead = TimeSpan.FromSeconds(3);

    /// <summary>Builds the result of an upgrade.</summary>
    public static DemoResult Measure(DemoEnvironment environment, UpgradeView upgrade, TimelineReading timeline, FaultKind? fault, DateTimeOffset? faultAt, IReadOnlyList<CheckResult> endState)
    {
        var answers = environment.Clients.Answers;
        var reading = new AnswerReading(answers);
        var requests = new RequestResult(
            reading.Total,
            reading.Failed,
            faultAt is { } broken ? reading.FailedOnYSince(broken) : 0,
            reading.MovedBack(timeline.DrilledAt, timeline.RollbackStartedAt - ReflexLead),
            Math.Round(reading.PerSecond, 1));
        var freeze = MeasureFreeze(timeline, environment.Writes.Attempts, environment.Drift, environment.Counters);
        var end = answers.Count == 0 ? DateTimeOffset.MinValue : answers.Max(static a => a.SentAt);
        var traffic = new TrafficResult(reading.Between(end - LastSeconds, DateTimeOffset.MaxValue).ShareY, Steps(timeline, reading, end));
        List<CheckResult> checks = [.. endState, .. LabChecks.Of(requests, freeze, traffic, upgrade.Outcome, fault)];
        return new DemoResult
        {
            Outcome = OutcomeOf(upgrade, checks),
            UpgradeId = upgrade.UpgradeId,
            From = upgrade.From,
            To = upgrade.To,
            Phases = timeline.Phases(),
            Traffic = traffic,
            Requests = requests,
            Freeze = freeze,
            Rollback = MeasureRollback(timeline, reading, faultAt),
            Checks = checks,
            Fault = fault is { } kind ? kind.ToString().ToLowerInvariant() : null,
            Problem = ProblemOf(upgrade, checks),
        };
    }

    private static FreezeResult MeasureFreeze(TimelineReading timeline, IReadOnlyList<WriteAttempt> attempts, DriftWatch drift, CounterWatch counters)
    {
        if (timeline.FrozenAt is not { } from)
        {
            return new FreezeResult(null, 0, 0, null, 0);
        }

        var until = timeline.FrozenUntil ?? timeline.Entries[^1].At;
        // What was answered after the end may have waited for it.
        var inside = attempts.Where(a => a.At >= from && a.AnsweredAt <= until).ToList();
        return new FreezeResult(
            Math.Round((until - from).TotalSeconds, 2),
            inside.Count(static a => a.Answer == WriteAnswer.Refused),
            inside.Count(static a => a.Answer == WriteAnswer.Accepted),
            drift.ChangedBetween(from, until),
            counters.CountedBetween(ClusterSide.X, from, until));
    }

    private static RollbackResult MeasureRollback(TimelineReading timeline, AnswerReading reading, DateTimeOffset? faultAt)
    {
        if (timeline.RollbackStartedAt is not { } decided)
        {
            return RollbackResult.None;
        }

        double? Seconds(DateTimeOffset? later, DateTimeOffset? earlier) => later - earlier is { } span ? Math.Round(span.TotalSeconds, 2) : null;
        return new RollbackResult(Seconds(decided, faultAt), Seconds(timeline.TrafficRestoredAt, decided), Seconds(reading.LastAnswerOfY, decided));
    }

    private static TrafficStepResult[] Steps(TimelineReading timeline, AnswerReading reading, DateTimeOffset end)
    {
        var splits = timeline.Splits;
        return
        [
            .. splits.Select((split, i) =>
            {
                var until = i + 1 < splits.Count ? splits[i + 1].At : end;
                var (requests, share) = reading.Between(split.At, until);
                return new TrafficStepResult(split.WeightY, Math.Round((until - split.At).TotalSeconds, 2), requests, share);
            }),
        ];
    }

    private static DemoOutcome OutcomeOf(UpgradeView upgrade, List<CheckResult> checks) => upgrade.Outcome switch
    {
        _ when checks.Any(static c => !c.Holds) => DemoOutcome.Failed,
        UpgradeOutcome.Completed => DemoOutcome.Completed,
        UpgradeOutcome.RolledBack => DemoOutcome.RolledBack,
        _ => DemoOutcome.Failed,
    };

    private static string? ProblemOf(UpgradeView upgrade, List<CheckResult> checks)
    {
        var wrong = checks.FirstOrDefault(static c => !c.Holds);
        return upgrade.Outcome == UpgradeOutcome.Completed && wrong is null
            ? null
            : wrong is not null ? $"Not so: {wrong.Name} ({wrong.Seen}).{(upgrade.Failure is { } why ? " " + why.Message : "")}" : upgrade.Failure?.Message;
    }
}

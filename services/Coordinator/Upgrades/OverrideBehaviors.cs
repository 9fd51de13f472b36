using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Contracts.Upgrades;
using KongUpgradeMesh.Coordinator.Timeline;
using MassTransit;

namespace KongUpgradeMesh.Coordinator.Upgrades;

/// <summary>The verbs about findings: what failed waits for a person's word, what comes after the point of no return is told.</summary>
internal static class OverrideBehaviors
{
    // A bound on what a saga row carries; so many different findings have long said what there is to say.
    private const int MostAlerts = 50;

    /// <summary>Whether a failed verdict waits for a person instead of leading back.</summary>
    public static bool PausesOnFailed(BehaviorContext<UpgradeState, VerdictReached> context) => context.Saga.Spec.Monitor.OnFailed == FailedVerdictChoice.Pause;

    public static bool IsRefused<T>(BehaviorContext<UpgradeState, T> context)
        where T : class, IOverridingCommand => Overrides.RefusalOf(context.Saga, context.Message) is not null;

    /// <summary>Keeps what failed: it stays failed until it is overridden by name.</summary>
    public static EventActivityBinder<UpgradeState, VerdictReached> LatchFailure(this EventActivityBinder<UpgradeState, VerdictReached> binder) => binder.Then(static context =>
    {
        var saga = context.Saga;
        var news = context.Message.Findings.Where(f => f is { Verdict: Verdict.Failed, Override: null } && !saga.FailedFindings.Any(k => FindingRef.Of(k) == FindingRef.Of(f))).ToList();
        var latch = new FailureLatch(news.Count > 0);
        context.AddOrUpdatePayload(() => latch, _ => latch);
        saga.FailedFindings = [.. saga.FailedFindings, .. news];
        saga.Failure = Verdicts.Breach(saga, context.Message);
    });

    /// <summary>Stops where the run stands and says so once for each new finding: the monitor repeats a failed verdict.</summary>
    public static EventActivityBinder<UpgradeState, VerdictReached> WaitForOverride(this EventActivityBinder<UpgradeState, VerdictReached> binder, UpgradeStateMachine machine) => binder.If(
        static context => context.GetPayload<FailureLatch>().IsNews,
        news => news.Alert().IfElse(
            static context => context.Saga.CurrentState == nameof(UpgradeStateMachine.Gate),
            gated => gated.PauseAt(machine, null, static saga => saga.Failure!.Message),
            other => other.StopShifting(machine)));

    /// <summary>Takes a person's word for the findings that are named; the monitor hears it with its next command.</summary>
    public static EventActivityBinder<UpgradeState, T> Override<T>(this EventActivityBinder<UpgradeState, T> binder)
        where T : class, IOverridingCommand => binder.If(
            static context => context.Message.Overrides.Count > 0,
            overriding => overriding.ThenAsync(static async context =>
            {
                var (saga, command) = (context.Saga, context.Message);
                var at = context.Clock().GetUtcNow();
                foreach (var finding in command.Overrides.Distinct())
                {
                    var word = new VerdictOverride { Finding = finding, Reason = command.Reason.Trim(), Actor = command.Actor, At = at };
                    saga.Overrides = [.. saga.Overrides.Where(o => o.Finding != finding), word];
                    await context.AppendAsync(
                        TimelineKinds.Override, command.Actor, $"Overrode {finding}: {word.Reason}", new { Override = word, Findings = saga.FailedFindings.Where(finding.Covers) });
                }

                saga.FailedFindings = [];
                saga.Failure = null;
                saga.Verdict = null;
                if (saga.Watch.IsOpen)
                {
                    // What runs was told before; a step that begins its own watch replaces this one.
                    await context.SendWatchAgainAsync();
                }
            }));

    /// <summary>Tells of findings for which nothing can be rolled back any more, each once.</summary>
    public static async Task AlertFindingsAsync(this BehaviorContext<UpgradeState> context, IEnumerable<VerdictFinding> findings)
    {
        var saga = context.Saga;
        var news = findings
            .Where(f => f is { Verdict: Verdict.Failed or Verdict.Errored, Override: null } && !saga.Alerts.Any(k => k.Verdict == f.Verdict && FindingRef.Of(k) == FindingRef.Of(f)))
            .Take(MostAlerts - saga.Alerts.Count)
            .ToList();
        if (news.Count == 0)
        {
            return;
        }

        saga.Alerts = [.. saga.Alerts, .. news];
        await context.AlertAsync(Verdicts.AfterReturn(saga, news), news);
    }

    /// <summary>After the point of no return a monitor that cannot judge is told like any other finding.</summary>
    public static EventActivityBinder<UpgradeState, StepFailed> AlertBlindness(this EventActivityBinder<UpgradeState, StepFailed> binder) => binder.If(
        static context => context.Saga.PastNoReturn,
        late => late.ThenAsync(static context => context.AlertFindingsAsync(
            [new VerdictFinding { Indicator = context.Message.Failure.Code, Verdict = Verdict.Errored, Message = context.Message.Failure.Message }])));

    private sealed record FailureLatch(bool IsNews);
}

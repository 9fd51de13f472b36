using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Probing;
using KongUpgradeMesh.MonitorAgent.Recordings;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Sources.Availability;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers;
using KongUpgradeMesh.MonitorAgent.Sources.Prometheus;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>Watches both clusters until the coordinator moves on: reads every node on its own beat, judges, reports.</summary>
public sealed class WatchTrafficHandler(IMetricSource source, IReferenceStore references, LimitSurvey limits, IWatchRecorder recorder, TimeProvider clock, ILogger<WatchTrafficHandler> logger)
    : IStepHandler<WatchTraffic>
{
    // Also an unchanged verdict is repeated: a lost message or a restarted coordinator is healed by the next one.
    private static readonly TimeSpan RepeatEvery = TimeSpan.FromSeconds(5);

    // Read at once, hundreds of nodes would all be late; spread over the whole interval, a few nodes of X and of Y would tell of different moments.
    private static readonly TimeSpan BetweenNodes = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ShortestReading = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public async Task<IStepEvent> RunAsync(StepContext<WatchTraffic> context, CancellationToken cancellationToken)
    {
        var command = context.Command;
        var balancers = BalancerSources.Of(command.Spec.Monitor, clock);
        using var prometheus = PrometheusSource.Of(command.Spec.Monitor, source, clock);
        IMetricSource nodes = prometheus ?? source;
        var reference = await references.LoadAsync(context.Step.UpgradeId, cancellationToken);
        var watch = new TrafficWatch(command, reference);
        await using var recording = recorder.Begin(command, reference);
        using var announcer = new VerdictAnnouncer(context.Publisher);
        var time = new WatchTime(clock);
        using var probing = new ProbeRunner(clock);
        using var known = SeriesProof.NewClient();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var survey = SurveyAsync(context, watch, stop.Token);
        Task[] work =
        [
            JudgeAsync(context, watch, recording, announcer, time, stop.Token),
            announcer.RunAsync(stop.Token),
            .. command.Spec.Monitor.Probes.Select(probe => ProbeAsync(command, watch, probing, probe, time, stop.Token)),
            .. balancers.Select((balancer, index) => FollowAsync(command, watch, index, balancer, time, stop.Token)),
            .. FollowAll(command, command.Spec.From, (node, after) => FollowAsync(command, watch, nodes, ClusterSide.X, node, after, null, time, stop.Token)),
            .. FollowAll(command, command.Spec.To, (node, after) => FollowAsync(command, watch, nodes, ClusterSide.Y, node, after, ProofOf(command, node, known), time, stop.Token)),
        ];
        // Nothing of this ends by itself: the first end is a cancellation or an error of ours.
        var first = await Task.WhenAny(work);
        await stop.CancelAsync();
        await Task.WhenAll([.. work, survey]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellationToken.IsCancellationRequested)
        {
            await first;
        }

        return await EndAsync(context, watch);
    }

    private async Task<IStepEvent> EndAsync(StepContext<WatchTraffic> context, TrafficWatch watch)
    {
        if (watch.Remember() is { } reference)
        {
            await references.SaveAsync(context.Step.UpgradeId, reference, CancellationToken.None);
        }

        return watch is { Established: true, Last: { } last, Judgement: { } judgement }
            ? Verdict(context, last, judgement)
            : throw new StepFailedException(Blind(context.Command, watch.Judgement));
    }

    // Beside the watch, not before it: an Admin API that does not answer must delay no verdict. X may be gone when all is over.
    private async Task SurveyAsync(StepContext<WatchTraffic> context, TrafficWatch watch, CancellationToken cancellationToken)
    {
        if (context.Command.Purpose != WatchPurpose.After)
        {
            watch.Limits = await limits.ReadAsync(context.Command.Spec.From, context.Step.UpgradeId, cancellationToken);
        }
    }

    private async Task ProbeAsync(WatchTraffic command, TrafficWatch watch, ProbeRunner runner, ProbeSpec probe, WatchTime time, CancellationToken cancellationToken)
    {
        // X may be gone in the watch afterwards.
        IReadOnlyList<NodeSpec> nodesX = command.Purpose == WatchPurpose.After ? [] : command.Spec.From.Nodes;
        await runner.RunAsync(probe, nodesX, command.Spec.To.Nodes, round => watch.Record(round, time.Elapsed), cancellationToken);
    }

    // Before the first shift nobody else asks Y for anything; later its clients are the proof.
    private static SeriesProof? ProofOf(WatchTraffic command, NodeSpec node, HttpMessageInvoker client) =>
        command.Purpose == WatchPurpose.Baseline ? new SeriesProof(client, node) : null;

    // One reading at a time and node bounds how many there are at once; a common bound would let slow nodes delay the others.
    private static IEnumerable<Task> FollowAll(WatchTraffic command, ClusterSpec cluster, Func<NodeSpec, TimeSpan, Task> follow)
    {
        var apart = command.Spec.Monitor.ScrapeInterval / cluster.Nodes.Count is var even && even < BetweenNodes ? even : BetweenNodes;
        return cluster.Nodes.Select((node, index) => follow(node, apart * index));
    }

    private async Task FollowAsync(
        WatchTraffic command, TrafficWatch watch, IMetricSource nodes, ClusterSide side, NodeSpec node, TimeSpan after, SeriesProof? proof, WatchTime time, CancellationToken cancellationToken)
    {
        var interval = command.Spec.Monitor.ScrapeInterval;
        var timeout = command.Spec.Monitor.BlindAfter / 2 is var half && half > ShortestReading ? half : ShortestReading;
        await Task.Delay(after, clock, cancellationToken);
        using var timer = new PeriodicTimer(interval, clock);
        do
        {
            var reading = proof is null
                ? await ReadAsync(command, nodes, node, timeout, cancellationToken)
                : await proof.ReadAsync(() => ReadAsync(command, nodes, node, timeout, cancellationToken), timeout, clock, cancellationToken);
            watch.Record(side, reading, time.Elapsed);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task FollowAsync(WatchTraffic command, TrafficWatch watch, int index, IBalancerSource balancer, WatchTime time, CancellationToken cancellationToken)
    {
        using var owned = balancer;
        using var timer = new PeriodicTimer(command.Spec.Monitor.ScrapeInterval, clock);
        do
        {
            watch.Record(index, await balancer.ReadAsync(cancellationToken), time.Elapsed);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task<NodeReading> ReadAsync(WatchTraffic command, IMetricSource nodes, NodeSpec node, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            return await nodes.ReadAsync(node, timeout, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // One node that breaks the source must not blind the watch for all others.
            logger.NodeReadingBroke(command.Step.UpgradeId, node.Name, exception);
            return new NodeReading { Node = node.Name, Problem = exception.GetType().Name };
        }
    }

    private async Task JudgeAsync(StepContext<WatchTraffic> context, TrafficWatch watch, IWatchRecording recording, VerdictAnnouncer announcer, WatchTime time, CancellationToken cancellationToken)
    {
        var (established, said, saidAt, keptAt) = (false, (Verdict?)null, TimeSpan.Zero, TimeSpan.Zero);
        using var timer = new PeriodicTimer(context.Command.Spec.Monitor.ScrapeInterval, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var now = time.Elapsed;
            var judgement = watch.Judge(now);
            recording.Add(watch);
            if (!established && watch.Established)
            {
                established = true;
                logger.WatchEstablished(context.Step.UpgradeId, context.Step.Name);
                announcer.Announce(new WatchEstablished { Step = context.Step, Agent = context.Agent, Facts = Facts(watch.Last!) });
            }

            // Before every side is seen, only bad news are news.
            var worthSaying = established || judgement.Verdict is Contracts.Monitoring.Verdict.Failed or Contracts.Monitoring.Verdict.Errored;
            if (worthSaying && (judgement.Verdict != said || now - saidAt >= RepeatEvery))
            {
                if (judgement.Verdict != said)
                {
                    logger.VerdictChanged(context.Step.UpgradeId, context.Step.Name, judgement.Verdict, judgement.Findings[0].Message);
                }

                (said, saidAt) = (judgement.Verdict, now);
                announcer.Announce(Verdict(context, watch.Last!, judgement));
            }

            if (now - keptAt >= RepeatEvery && watch.Remember() is { } reference)
            {
                keptAt = now;
                await references.SaveAsync(context.Step.UpgradeId, reference, cancellationToken);
            }
        }
    }

    private static VerdictReached Verdict(StepContext<WatchTraffic> context, Observation observation, Judgement judgement) => new()
    {
        Step = context.Step,
        Agent = context.Agent,
        Verdict = judgement.Verdict,
        Purpose = context.Command.Purpose,
        TrafficStep = context.Command.TrafficStep,
        Findings = judgement.Findings,
        RequestsX = (long)observation.X.SinceStart.Total,
        RequestsY = (long)observation.Y.SinceStart.Total,
        BreachFor = judgement.BreachFor,
    };

    private static Dictionary<string, double> Facts(Observation observation)
    {
        var facts = new Dictionary<string, double> { ["nodesY"] = observation.Y.Nodes.Count(static n => n.Ready) };
        if (observation.NeedsX)
        {
            facts["nodesX"] = observation.X.Nodes.Count(static n => n.Ready);
        }

        var seconds = Math.Max(0.001, observation.Elapsed.TotalSeconds);
        facts["requestsPerSecondX"] = Math.Round(observation.X.SinceStart.Total / seconds, 2);
        facts["requestsPerSecondY"] = Math.Round(observation.Y.SinceStart.Total / seconds, 2);
        return facts;
    }

    private static Failure Blind(WatchTraffic command, Judgement? judgement) => new()
    {
        Code = FailureCodes.MonitorBlind,
        Message = $"The watch {command.Step.Name} never saw every side it needs.",
        Remedy = "Make /status and /metrics of every node (or monitor.prometheus, where it is declared) and each of monitor.sources readable from the monitor agent's host, enable the prometheus plugin with status_code_metrics and latency_metrics, then: kum retry.",
        IsTransient = true,
        Details = judgement is null ? [] : [.. judgement.Findings.Where(static f => f.Verdict != Contracts.Monitoring.Verdict.Passed).Select(static f => f.Message)],
    };
}

using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Sources.Balancers;
using KongUpgradeMesh.MonitorAgent.Sources.Prometheus;

namespace KongUpgradeMesh.MonitorAgent.Watching;

/// <summary>Reads every source once before anything is frozen. It changes nothing, so a repeat does the same again.</summary>
public sealed class PrepareMonitoringHandler(IMetricSource source, TimeProvider clock) : IStepHandler<PrepareMonitoring>
{
    // A source that is away for a moment is not away; one that is away longer would be found by the first watch, after the freeze.
    private const int Tries = 3;

    /// <inheritdoc/>
    public async Task<IStepEvent> RunAsync(StepContext<PrepareMonitoring> context, CancellationToken cancellationToken)
    {
        var spec = context.Command.Spec;
        var balancers = BalancerSources.Of(spec.Monitor, clock);
        try
        {
            using var prometheus = PrometheusSource.Of(spec.Monitor, source, clock);
            IMetricSource nodes = prometheus ?? source;
            var timeout = spec.Monitor.BlindAfter;
            var problems = await Task.WhenAll(
            [
                .. spec.From.Nodes.Select(node => TryAsync(spec, async () => Problem(node, await nodes.ReadAsync(node, timeout, cancellationToken)), cancellationToken)),
                .. balancers.Select(balancer => TryAsync(spec, async () => (await balancer.ReadAsync(cancellationToken)).Problem, cancellationToken)),
            ]);
            Failure[] failures = [.. MissingSecrets(spec.Monitor), .. Unreadable([.. problems.OfType<string>()])];
            return failures.Length > 0
                ? throw new StepFailedException(failures[0] with { Details = [.. failures.SelectMany(static f => f.Details)] })
                : new MonitoringPrepared { Step = context.Step, Agent = context.Agent, NodesX = spec.From.Nodes.Count, Balancers = balancers.Count, ByPrometheus = prometheus is not null };
        }
        finally
        {
            foreach (var balancer in balancers)
            {
                balancer.Dispose();
            }
        }
    }

    private async Task<string?> TryAsync(UpgradeSpec spec, Func<Task<string?>> read, CancellationToken cancellationToken)
    {
        var problem = await read();
        for (var tried = 1; problem is not null && tried < Tries; tried++)
        {
            await Task.Delay(spec.Monitor.ScrapeInterval, clock, cancellationToken);
            problem = await read();
        }

        return problem;
    }

    private static string? Problem(NodeSpec node, NodeReading reading) =>
        reading.Sample is null ? $"Node {node.Name} of cluster X: {reading.Problem ?? "no metrics"}." : null;

    private static IEnumerable<Failure> MissingSecrets(MonitorSpec monitor) =>
        monitor.Probes.SelectMany(static p => p.Headers, static (probe, header) => MissingSecret($"Header {header.Key} of probe {probe.Name}", header.Value)).OfType<Failure>();

    private static Failure? MissingSecret(string place, string reference)
    {
        try
        {
            SecretReference.Resolve(reference);
            return null;
        }
        catch (StepFailedException exception)
        {
            return exception.Failure with { Details = [$"{place}: {exception.Failure.Message}"] };
        }
    }

    private static IEnumerable<Failure> Unreadable(IReadOnlyList<string> problems) => problems.Count == 0 ? [] :
    [
        new Failure
        {
            Code = FailureCodes.MonitorBlind,
            Message = $"{problems.Count} sources of the monitor cannot be read, so cluster Y could not be judged.",
            Remedy = "Make what the details name readable from the monitor agent's host (docs/judging.md), then: kum retry.",
            IsTransient = true,
            Details = problems,
        },
    ];
}

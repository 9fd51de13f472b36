using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.MonitorAgent.Recordings;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Watching;
using KongUpgradeMesh.MonitorAgent.Watching;
using KongUpgradeMesh.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>One watch of the agent's own making, over real nodes, until it is disposed of.</summary>
internal sealed class RunningWatch : IAsyncDisposable
{
    private readonly RecordingPublisher _publisher = new();
    private readonly KongStatusSource _source = new(TimeProvider.System);
    private readonly CancellationTokenSource _end;
    private readonly Task<IStepEvent> _running;

    public RunningWatch(Place place, int weightY, string directory, CancellationToken cancellationToken)
    {
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var command = Specs.Watch(weightY, WatchPurpose.Step, BenchLimits.Monitor, [.. place.X.Select(static n => n.Spec)], [.. place.Y.Select(static n => n.Spec)]);
        _running = Handlers.New(_source, directory)
            .RunAsync(new StepContext<WatchTraffic>(command, "monitor@bench", _publisher), _end.Token);
    }

    /// <summary>What was said so far.</summary>
    public IReadOnlyList<VerdictReached> Verdicts => _publisher.Verdicts;

    /// <summary>Waits for a verdict after the first <paramref name="skip"/>; one that failed ends every wait.</summary>
    public Task ReachesAsync(string what, int skip, Func<VerdictReached, bool> accept, CancellationToken cancellationToken) => Eventually.ReachesAsync(
        what,
        () => Task.FromResult(Seen.Tell(Verdicts)),
        _ => Verdicts.Skip(skip).Any(v => v.Verdict == Verdict.Failed || accept(v)),
        BenchLimits.Patience,
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await ((Task)_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
        _source.Dispose();
    }
}

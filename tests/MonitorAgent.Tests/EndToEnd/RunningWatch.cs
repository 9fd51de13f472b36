using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Tests.Watching;
using KongUpgradeMesh.TestKit;

namespace KongUpgradeMesh.MonitorAgent.Tests.EndToEnd;

/// <summary>One watch of the agent's own making, over real nodes, until it is disposed of.</summary>
internal sealed class RunningWatch : IAsyncDisposable
{
    private readonly WatchBench _bench = new();

    public RunningWatch(Place place, int weightY) =>
        _ = _bench.Run(Specs.Watch(weightY, WatchPurpose.Step, BenchLimits.Monitor, [.. place.X.Select(static n => n.Spec)], [.. place.Y.Select(static n => n.Spec)]));

    /// <summary>What was said so far.</summary>
    public IReadOnlyList<VerdictReached> Verdicts => _bench.Verdicts;

    /// <summary>Waits for a verdict after the first <paramref name="skip"/>; one that failed ends every wait.</summary>
    public Task ReachesAsync(string what, int skip, Func<VerdictReached, bool> accept, CancellationToken cancellationToken) => Eventually.ReachesAsync(
        what,
        () => Task.FromResult(Seen.Tell(Verdicts)),
        _ => Verdicts.Skip(skip).Any(v => v.Verdict == Verdict.Failed || accept(v)),
        BenchLimits.Patience,
        cancellationToken);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}

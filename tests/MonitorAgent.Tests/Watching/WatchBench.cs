using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.MonitorAgent.Recordings;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Watching;
using KongUpgradeMesh.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace KongUpgradeMesh.MonitorAgent.Tests.Watching;

/// <summary>The agent's own handler as the agent makes it, in a directory of its own. Its watch goes on until it is ended or the bench is disposed of.</summary>
internal sealed class WatchBench : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly RecordingPublisher _publisher = new();
    private readonly KongStatusSource _nodes = new(TimeProvider.System);
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Task<IStepEvent>? _running;

    /// <summary>Where it keeps what it remembers and records.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("kum-monitor-").FullName;

    /// <summary>What asks the nodes themselves.</summary>
    public IMetricSource Nodes => _nodes;

    /// <summary>What is remembered of X.</summary>
    public FileReferenceStore References => new(Path.Combine(Root, "references"), NullLogger<FileReferenceStore>.Instance);

    /// <summary>Everything that was said so far.</summary>
    public IReadOnlyList<IStepEvent> Events => _publisher.Events;

    /// <summary>The verdicts that were said so far.</summary>
    public IReadOnlyList<VerdictReached> Verdicts => _publisher.Verdicts;

    /// <summary>Whether the broker is away.</summary>
    public bool BrokerAway
    {
        get => _publisher.Away;
        set => _publisher.Away = value;
    }

    private string Recordings => Path.Combine(Root, "recordings");

    /// <summary>Begins the watch.</summary>
    public Task<IStepEvent> Run(WatchTraffic command, TimeProvider? clock = null)
    {
        var recorder = new DirectoryRecorder(Recordings, new RecordingOptions(), TimeProvider.System, NullLogger<DirectoryRecorder>.Instance);
        var handler = new WatchTrafficHandler(_nodes, References, LimitSurveys.Create(), recorder, clock ?? TimeProvider.System, NullLogger<WatchTrafficHandler>.Instance);
        return _running = handler.RunAsync(new StepContext<WatchTraffic>(command, "monitor@test", _publisher), _end.Token);
    }

    /// <summary>Ends the watch as the coordinator does, and gives what it says last.</summary>
    public async Task<IStepEvent> EndAsync()
    {
        await _end.CancelAsync();
        return await _running!;
    }

    /// <summary>Ends the watch, whatever it says.</summary>
    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await ((Task?)_running ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The first verdict of a kind after the first <paramref name="skip"/>, as soon as it is said.</summary>
    public Task<VerdictReached> ReachesAsync(Verdict verdict, int skip = 0) => ReachesAsync($"verdict {verdict}", v => v.Verdict == verdict, skip);

    /// <summary>The first such verdict after the first <paramref name="skip"/>, as soon as it is said.</summary>
    public async Task<VerdictReached> ReachesAsync(string what, Func<VerdictReached, bool> accept, int skip = 0)
    {
        await Eventually.ReachesAsync(
            what,
            () => Task.FromResult(string.Join("; ", Verdicts.TakeLast(2).Select(static v => $"{v.Verdict} {v.Findings[0].Message}"))),
            _ => Verdicts.Skip(skip).Any(accept),
            Patience,
            _end.Token);
        return Verdicts.Skip(skip).First(accept);
    }

    /// <summary>What was recorded of the one watch.</summary>
    public Task<Recording> RecordedAsync() => Recording.ReadAsync(Assert.Single(Directory.GetFiles(Recordings)), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _end.Dispose();
        _nodes.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}

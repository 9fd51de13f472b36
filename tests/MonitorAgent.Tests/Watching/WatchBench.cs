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
    private readonly RecordingPublisher _publisher = new();
    private readonly KongStatusSource _source = new(TimeProvider.System);
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Task<IStepEvent>? _running;

    /// <summary>Where it keeps what it remembers and records.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("kum-monitor-").FullName;

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

    /// <summary>Begins the watch.</summary>
    public Task<IStepEvent> Run(WatchTraffic command, TimeProvider? clock = null) =>
        _running = new WatchTrafficHandler(_source, References, LimitSurveys.Create(), Recorder(), clock ?? TimeProvider.System, NullLogger<WatchTrafficHandler>.Instance)
            .RunAsync(new StepContext<WatchTraffic>(command, "monitor@test", _publisher), _end.Token);

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

    /// <summary>The first verdict of a kind, as soon as it is said.</summary>
    public async Task<VerdictReached> ReachesAsync(Verdict verdict)
    {
        await Eventually.ReachesAsync(
            $"verdict {verdict}",
            () => Task.FromResult(string.Join("; ", Verdicts.TakeLast(2).Select(static v => $"{v.Verdict} {v.Findings[0].Message}"))),
            _ => Verdicts.Any(v => v.Verdict == verdict));
        return Verdicts.First(v => v.Verdict == verdict);
    }

    /// <summary>What was recorded of the one watch.</summary>
    public Task<Recording> RecordedAsync() => Recording.ReadAsync(Assert.Single(Directory.GetFiles(Path.Combine(Root, "recordings"))), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _end.Dispose();
        _source.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    private DirectoryRecorder Recorder() => new(Path.Combine(Root, "recordings"), new RecordingOptions(), TimeProvider.System, NullLogger<DirectoryRecorder>.Instance);
}

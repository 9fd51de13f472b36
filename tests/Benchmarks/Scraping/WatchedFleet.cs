using System.Collections.Concurrent;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.Kong.Admin;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Recordings;
using KongUpgradeMesh.MonitorAgent.Sources;
using KongUpgradeMesh.MonitorAgent.Tests.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace KongUpgradeMesh.Benchmarks.Scraping;

/// <summary>The agent's own watch over the fleet, recorded as an agent records it, looked at from its edges: what goes into its source, comes to its recorder and is published.</summary>
internal sealed class WatchedFleet : IMetricSource, IWatchRecorder, IWatchRecording, IStepPublisher, IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kum-scrape-");
    private readonly KongStatusSource _source = new(TimeProvider.System);
    private readonly ServiceProvider _services = new ServiceCollection().AddKongApis().BuildServiceProvider();
    private readonly CancellationTokenSource _end;
    private readonly ConcurrentQueue<long> _unjudged = [];
    private readonly List<double> _delays;
    private readonly List<double> _intervals;
    private readonly Task _running;
    private IWatchRecording? _recording;
    private long? _judgedAt;
    private int _read;
    private int _unread;

    public WatchedFleet(Fleet fleet, TimeSpan interval, int expectedReadings, CancellationToken cancellationToken)
    {
        // All room that the measuring itself needs is taken before: memory is one of the things measured.
        (_delays, _intervals) = (new List<double>(expectedReadings * 2), new List<double>(expectedReadings));
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var command = Specs.Watch(50, WatchPurpose.Step, new MonitorSpec { ScrapeInterval = interval }, fleet.X, fleet.Y);
        command = command with { Spec = command.Spec with { From = command.Spec.From with { Version = Fleet.VersionX }, To = command.Spec.To with { Version = Fleet.VersionY } } };
        var handler = new WatchTrafficHandler(
            this,
            new FileReferenceStore(Path.Combine(_directory.FullName, "references"), NullLogger<FileReferenceStore>.Instance),
            new LimitSurvey(_services.GetRequiredService<IKongApis>(), TimeProvider.System, NullLogger<LimitSurvey>.Instance),
            this,
            TimeProvider.System,
            NullLogger<WatchTrafficHandler>.Instance);
        _running = handler.RunAsync(new StepContext<WatchTraffic>(command, "monitor@benchmark", this), _end.Token);
    }

    /// <summary>Readings with metrics so far.</summary>
    public int Read => _read;

    /// <summary>Readings without.</summary>
    public int Unread => _unread;

    /// <summary>What was last wrong with a reading; null when nothing ever was.</summary>
    public string? Problem { get; private set; }

    /// <summary>The last verdict that was published.</summary>
    public VerdictReached? Verdict { get; private set; }

    /// <summary>Whether ever a verdict was failed.</summary>
    public bool EverFailed { get; private set; }

    /// <summary>Seconds from the end of each reading to the end of the judgement that contains it.</summary>
    public IReadOnlyList<double> Delays => _delays;

    /// <summary>Seconds between the ends of judgements.</summary>
    public IReadOnlyList<double> Intervals => _intervals;

    public async Task<NodeReading> ReadAsync(NodeSpec node, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var reading = await _source.ReadAsync(node, timeout, cancellationToken);
        if (reading.Sample is null)
        {
            Interlocked.Increment(ref _unread);
            Problem = reading.Problem;
            return reading;
        }

        Interlocked.Increment(ref _read);
        _unjudged.Enqueue(TimeProvider.System.GetTimestamp());
        return reading;
    }

    public IWatchRecording Begin(WatchTraffic command, Reference? reference)
    {
        _recording = new DirectoryRecorder(Path.Combine(_directory.FullName, "recordings"), new RecordingOptions(), TimeProvider.System, NullLogger<DirectoryRecorder>.Instance)
            .Begin(command, reference);
        return this;
    }

    public void Add(TrafficWatch watch)
    {
        _recording!.Add(watch);
        var now = TimeProvider.System.GetTimestamp();
        for (var left = _unjudged.Count; left > 0 && _unjudged.TryDequeue(out var read); left--)
        {
            _delays.Add(TimeProvider.System.GetElapsedTime(read, now).TotalSeconds);
        }

        if (_judgedAt is { } before)
        {
            _intervals.Add(TimeProvider.System.GetElapsedTime(before, now).TotalSeconds);
        }

        _judgedAt = now;
    }

    public Task PublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken)
    {
        Verdict = stepEvent as VerdictReached ?? Verdict;
        EverFailed |= Verdict?.Verdict == Contracts.Monitoring.Verdict.Failed;
        return Task.CompletedTask;
    }

    public Task TryPublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken) => PublishAsync(stepEvent, cancellationToken);

    // Once as the watch's recording, once as the whole.
    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        if (_recording is { } recording)
        {
            _recording = null;
            await recording.DisposeAsync();
        }
    }

    /// <summary>Ends the watch.</summary>
    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _source.Dispose();
        await _services.DisposeAsync();
        _end.Dispose();
        _directory.Delete(recursive: true);
    }
}

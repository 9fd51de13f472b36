using KongUpgradeMesh.Contracts;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.Contracts.Specs;
using KongUpgradeMesh.Contracts.Steps;
using KongUpgradeMesh.Hosting.Agents;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Recordings;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Judging;

/// <summary>Runs the watch of the upgrades without one: the same readings, the same judge, nobody is told but the person who asked.</summary>
internal sealed class LiveJudge(UpgradeSpec spec, int weightY, string? record, JudgeText text) : IWatchRecorder, IDisposable
{
    private readonly CancellationTokenSource _failed = new();
    private Judgement _last = new(Verdict.Errored, [], TimeSpan.Zero);

    /// <summary>Judges for so long, or until the verdict is failed.</summary>
    public async Task<Judgement> RunAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        await using var services = Services();
        var clock = services.GetRequiredService<TimeProvider>();
        using var over = new CancellationTokenSource(length, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(over.Token, _failed.Token, cancellationToken);
        var handler = ActivatorUtilities.CreateInstance<WatchTrafficHandler>(services);
        try
        {
            await text.ShowAsync(() => handler.RunAsync(new StepContext<WatchTraffic>(Command(), "kum judge", new SilentPublisher()), stop.Token));
        }
        catch (StepFailedException blind)
        {
            text.Write(blind.Failure);
        }

        cancellationToken.ThrowIfCancellationRequested();
        text.WriteEnd(_last);
        return _last;
    }

    public IWatchRecording Begin(WatchTraffic command, Reference? reference) => new Onlooker(this, record is null ? null : new WatchRecording(
        RecordingHeader.Of(command, reference, TimeProvider.System.GetUtcNow()),
        header => RecordingFile.CreateAsync(record, header),
        static _ => { },
        long.MaxValue,
        exception => text.Warn($"{record} ends before the watch: {exception?.Message ?? "the disk is too slow"}")));

    public void Dispose() => _failed.Dispose();

    private void See(Observation seen, Judgement judgement)
    {
        _last = judgement;
        text.Show(seen, judgement);
        if (judgement.Verdict == Verdict.Failed)
        {
            // It stays failed: there is nothing more to learn.
            _failed.Cancel();
        }
    }

    private ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        MonitorAgentModule.AddReading(services);
        services.AddSingleton<IReferenceStore>(new NoMemory());
        services.AddSingleton<IWatchRecorder>(this);
        return services.BuildServiceProvider();
    }

    private WatchTraffic Command() => new()
    {
        Step = new StepRef { UpgradeId = Guid.Empty, Cluster = spec.Cluster, Lane = StepLanes.Watch, Name = "watch-judge", Epoch = 1, Sequence = 1, Attempt = 1 },
        Datacenter = spec.Datacenter,
        Timeout = TimeSpan.Zero,
        Spec = spec,
        Purpose = weightY switch { 0 => WatchPurpose.Baseline, 100 => WatchPurpose.Soak, _ => WatchPurpose.Step },
        Split = new TrafficSplit { WeightY = weightY },
        TrafficStep = 0,
    };

    private sealed class Onlooker(LiveJudge judge, WatchRecording? recording) : IWatchRecording
    {
        public void Add(TrafficWatch watch)
        {
            recording?.Add(watch);
            judge.See(watch.Last!, watch.Judgement!);
        }

        public ValueTask DisposeAsync() => recording?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private sealed class SilentPublisher : IStepPublisher
    {
        public Task PublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task TryPublishAsync(IStepEvent stepEvent, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class NoMemory : IReferenceStore
    {
        public Task<Reference?> LoadAsync(Guid upgradeId, CancellationToken cancellationToken) => Task.FromResult<Reference?>(null);

        public Task SaveAsync(Guid upgradeId, Reference reference, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

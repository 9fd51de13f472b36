using System.Threading.Channels;
using KongUpgradeMesh.MonitorAgent.Analysis;
using KongUpgradeMesh.MonitorAgent.Watching;

namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>Writes one watch beside the judging, so that a slow disk never delays a judgement.</summary>
internal sealed class WatchRecording : IWatchRecording
{
    // Two minutes of a watch; a disk that is further behind than this has lost the recording.
    private const int MostWaiting = 120;

    // What a next file begins with may be this many intervals old: adding everything up each time would cost more than the recording.
    private const int RememberEvery = 20;

    private readonly Channel<(RecordedTick Tick, Reference? Reference)> _waiting =
        Channel.CreateBounded<(RecordedTick Tick, Reference? Reference)>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, SingleWriter = true });

    private readonly Func<RecordingHeader, Task<RecordingFile>> _open;
    private readonly Action<string> _closed;
    private readonly long _largestFile;
    private readonly Action<Exception?> _lost;
    private readonly Task _writing;
    private int _added;

    /// <summary>Begins to write.</summary>
    /// <param name="header">Of the first file.</param>
    /// <param name="open">Begins a file.</param>
    /// <param name="closed">Hears of every file that is complete.</param>
    /// <param name="largestFile">Bytes after which the next file is begun.</param>
    /// <param name="lost">Hears once that the recording ends before the watch.</param>
    public WatchRecording(RecordingHeader header, Func<RecordingHeader, Task<RecordingFile>> open, Action<string> closed, long largestFile, Action<Exception?> lost)
    {
        (_open, _closed, _largestFile, _lost) = (open, closed, largestFile, lost);
        _writing = Task.Run(() => WriteAsync(header));
    }

    /// <summary>Whether much of what was added is still to be written.</summary>
    internal bool IsBehind => _waiting.Reader.Count > MostWaiting / 2 && !_writing.IsCompleted;

    public void Add(TrafficWatch watch)
    {
        if (watch is not { LastTick: { } tick, Judgement: { } judgement })
        {
            return;
        }

        // A recording with a hole would be judged differently from the watch; it rather ends before the hole.
        if (!_waiting.Writer.TryWrite((new RecordedTick(tick, judgement.Verdict), _added++ % RememberEvery == 0 ? watch.Remember() : null)) && _waiting.Writer.TryComplete())
        {
            _lost(null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAsync(RecordingHeader header)
    {
        RecordingFile? file = null;
        var remembered = header.Reference;
        try
        {
            file = await _open(header);
            await foreach (var (tick, reference) in _waiting.Reader.ReadAllAsync())
            {
                await file.AddAsync(tick);
                remembered = reference ?? remembered;
                if (file.Length >= _largestFile)
                {
                    var full = file;
                    file = null;
                    await CloseAsync(full);
                    header = header with { Part = header.Part + 1, Reference = remembered };
                    file = await _open(header);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or System.Text.Json.JsonException)
        {
            _waiting.Writer.TryComplete();
            _lost(exception);
        }
        finally
        {
            if (file is not null)
            {
                await CloseAsync(file);
            }
        }
    }

    private async Task CloseAsync(RecordingFile file)
    {
        await file.DisposeAsync();
        _closed(file.Path);
    }
}

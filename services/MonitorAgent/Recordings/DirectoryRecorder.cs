using System.Globalization;
using KongUpgradeMesh.Contracts.Monitoring;
using KongUpgradeMesh.MonitorAgent.Analysis;

namespace KongUpgradeMesh.MonitorAgent.Recordings;

/// <summary>Records every watch into a directory of bounded size.</summary>
/// <param name="directory">Where; made when missing.</param>
/// <param name="options">How much.</param>
/// <param name="clock">Dates the recordings.</param>
/// <param name="logger">Hears of recordings that could not be written.</param>
public sealed class DirectoryRecorder(string directory, RecordingOptions options, TimeProvider clock, ILogger<DirectoryRecorder> logger) : IWatchRecorder
{
    private const string Extension = ".ndjson";
    private const long Mebibyte = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IWatchRecording Begin(WatchTraffic command, Reference? reference)
    {
        if (!options.Enabled)
        {
            return NoRecording.Instance;
        }

        var header = RecordingHeader.Of(command, reference, clock.GetUtcNow());
        return new WatchRecording(header, OpenAsync, Closed, options.FileMebibytes * Mebibyte, exception => logger.NotRecorded(command.Step.UpgradeId, command.Step.Name, exception));
    }

    private async Task<RecordingFile> OpenAsync(RecordingHeader header)
    {
        Directory.CreateDirectory(directory);
        MakeRoom();
        var started = header.StartedAt.ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture);
        var step = string.Concat(header.Step.Name.Where(static c => char.IsAsciiLetterOrDigit(c) || c == '-'));
        var file = await RecordingFile.CreateAsync(
            Path.Combine(directory, $"{started}-{header.Step.Cluster}-{header.Step.UpgradeId.ToString()[..8]}-{step}-{header.WeightY}-{header.Part}{Extension}"), header);
        lock (_gate)
        {
            _open.Add(file.Path);
        }

        return file;
    }

    private void Closed(string path)
    {
        lock (_gate)
        {
            _open.Remove(path);
        }
    }

    // Room for a whole file is made before it is begun, so the bound holds while it grows.
    private void MakeRoom()
    {
        lock (_gate)
        {
            var files = new DirectoryInfo(directory).GetFiles("*" + Extension).OrderBy(static f => f.Name, StringComparer.Ordinal).ToList();
            var room = (options.TotalMebibytes - options.FileMebibytes) * Mebibyte;
            var total = files.Sum(f => _open.Contains(f.FullName) ? options.FileMebibytes * Mebibyte : f.Length);
            foreach (var old in files.Where(f => !_open.Contains(f.FullName)).TakeWhile(_ => total > room))
            {
                total -= old.Length;
                old.Delete();
            }
        }
    }
}
